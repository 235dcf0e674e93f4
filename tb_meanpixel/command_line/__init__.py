"""`python -m tb_meanpixel`: report and doctor."""

"""`tb-meanpixel`: report, watch, explain and doctor."""

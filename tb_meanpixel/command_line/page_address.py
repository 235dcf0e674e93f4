"""The address at which TensorBoard shows a finding: frontend/src/state/link.ts reads it."""

from __future__ import annotations

from urllib.parse import quote

from tb_meanpixel.findings.finding import Finding

# The page takes whole numbers of up to so many digits; another step is left out.
_MAX_STEP = 10**9


def page_address(tensorboard: str, run: str, finding: Finding) -> str:
    """The tab with a run, a stream and the first step of a finding.

    Args:
        tensorboard: where it answers, as http://localhost:6006.
        run: name of the run.
        finding: of the run.
    """
    parameters = {"run": run, "stream": finding.stream}
    if 0 <= finding.first_step < _MAX_STEP:
        parameters["step"] = str(finding.first_step)
    parts = (f"p.mean_pixel.{name}={quote(value, '')}" for name, value in parameters.items())
    return f"{tensorboard.partition('#')[0].rstrip('/')}/#{'&'.join(['mean_pixel', *parts])}"

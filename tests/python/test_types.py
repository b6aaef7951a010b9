"""The types of the module hold, and a type checker sees a wrong argument."""

import subprocess
import sys

PROGRAM = """
import filas

result = filas.run({"model": "tandem"}, seed=3, set={"stages.0.servers": 2})
mean: float = result["waiting.mean"]
name: str = result.answer
rows: int = len(result.tables["visits"])
filas.replicate("clinic", precision=0.01, measure=["waiting.mean"])
"""


def checked(*words, folder):
    """What mypy says."""
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder).stdout


def test_the_module_and_programs_that_use_it_are_typed(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    assert "Success" in checked("-p", "filas", folder=tmp_path)
    assert "Success" in checked("program.py", folder=tmp_path)
    program.write_text(PROGRAM.replace("seed=3", "seed='three'"))
    assert "incompatible type" in checked("program.py", folder=tmp_path)


def test_everything_public_is_documented():
    import filas

    for name in set(filas.__all__) - {"Scenario"}:
        assert getattr(filas, name).__doc__, name
    for name in ["run", "replicate", "theory", "check", "report"]:
        assert "Raises:" in getattr(filas, name).__doc__, name

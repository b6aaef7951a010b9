"""The guide's chapter on Python: its blocks are one program, which runs."""

import re
from pathlib import Path

CHAPTER = Path(__file__).parents[2] / "docs/src/python.md"


def test_the_chapter_runs(capsys):
    blocks = re.findall(r"^```python\n(.*?)^```", CHAPTER.read_text(encoding="utf-8"), re.S | re.M)
    assert len(blocks) == 6
    exec(compile("\n".join(blocks), str(CHAPTER), "exec"), {})
    said = capsys.readouterr().out
    assert said.startswith("Customers wait 20.3 min on average")
    for expected in ("triage", "True", "{'stages.counter.servers': 2} True", "did you mean `servers`"):
        assert expected in said, said

"""Results and errors are those of the command, to the bit and to the letter."""

import json
import subprocess
import warnings
from pathlib import Path

import filas
import pytest

LINE = {
    "model": "tandem",
    "name": "bakery",
    "seed": 3,
    "arrivals": {"interarrival": {"exponential": {"mean": 2.0}}},
    "horizon": {"customers": 400},
    "stages": [
        {"name": "oven", "service": {"exponential": {"mean": 1.0}}},
        {"name": "counter", "servers": 2, "service": {"constant": {"value": 1}}},
    ],
}
TEXT = """
model = "tandem"
name = "bakery"
seed = 3
arrivals = { interarrival = { exponential = { mean = 2.0 } } }
horizon = { customers = 400 }
stages = [ { name = "oven", service = { exponential = { mean = 1.0 } } }, { name = "counter", servers = 2, service = { constant = { value = 1 } } } ]
"""


def told(*words, text=None):
    """stdout, stderr and exit code of the command."""
    done = subprocess.run(["filas", *words], input=text, capture_output=True, text=True)
    return done.stdout, done.stderr, done.returncode


SHIPPED = sorted(path.stem for path in (Path(__file__).parents[2] / "scenarios").glob("*.toml"))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_run_is_the_commands_to_the_bit(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", filas.ScenarioWarning)
        result = filas.run(name)
    said, _, _ = told("run", name, "--format", "json")
    assert result.json == said and said
    assert result.summary == json.loads(said)
    assert result.digest in said


def test_a_dict_a_text_and_a_file_are_one_scenario(tmp_path):
    file = tmp_path / "bakery.toml"
    file.write_text(TEXT)
    with_dict, with_text = filas.run(LINE), filas.run(TEXT)
    with_file, with_name = filas.run(file), filas.run(str(file))
    assert with_dict.json == with_text.json == with_file.json == with_name.json
    assert with_text.json == told("run", "-", "--format", "json", text=TEXT)[0]


def test_every_study_is_the_commands(tmp_path):
    vary, servers = {"stages.counter.servers": [1, 2]}, "stages.counter.servers"
    options = ["--format", "json"]
    file = tmp_path / "bakery.toml"
    file.write_text(TEXT)
    other = tmp_path / "other.toml"
    other.write_text(TEXT.replace("mean = 1.0", "mean = 1.2"))
    for result, words in [
        (filas.replicate(file, 5), ["replicate", file, "-n", "5"]),
        (filas.replicate(file, precision=0.2, measure="waiting.mean"), ["replicate", file, "--precision", "0.2", "--measure", "waiting.mean"]),
        (filas.sweep(file, vary, 4, seed=9), ["sweep", file, "--vary", f"{servers}=1,2", "-n", "4", "--seed", "9"]),
        (filas.order(file, max=20), ["order", file, "--max", "20"]),
        (
            filas.find(file, {servers: (1, 3)}, require="waiting.mean <= 2", minimise=servers, max=20),
            ["find", file, "--choose", f"{servers}=1..3", "--require", "waiting.mean <= 2", "--minimise", servers, "--max", "20"],
        ),
        (filas.compare(file, other, 5), ["compare", file, other, "-n", "5"]),
        (filas.theory(file), ["theory", file]),
        (filas.check(file, set={servers: 3}), ["check", file, "--set", f"{servers}=3"]),
    ]:
        said, error, _ = told(*map(str, words), *options)
        assert result.json == said, (words, error)


def test_errors_have_the_commands_text(tmp_path):
    file = tmp_path / "bakery.toml"
    file.write_text(TEXT.replace("mean = 1.0", "maen = 1.0"))
    for call, words, text in [
        (lambda: filas.run(file), ["run", str(file)], None),
        (lambda: filas.run(file.read_text()), ["run", "-"], file.read_text()),
        (lambda: filas.run("nowhere.toml"), ["run", "nowhere.toml"], None),
        (lambda: filas.run("clinic", set={"stages.9.servers": 1}), ["run", "clinic", "--set", "stages.9.servers=1"], None),
        (lambda: filas.replicate("clinic", 2, measure="wating.mean"), ["replicate", "clinic", "-n", "2", "--measure", "wating.mean"], None),
        (lambda: filas.order("desk"), ["order", "desk"], None),
    ]:
        with pytest.raises(filas.ScenarioError) as raised, warnings.catch_warnings():
            warnings.simplefilter("ignore", filas.ScenarioWarning)
            call()
        _, error, code = told(*words, text=text)
        assert f"error: {raised.value}" == error[error.index("error: ") :].rstrip("\n")
        assert code == 2


def test_wrong_arguments_are_refused_before_anything_is_run():
    with pytest.raises(filas.ScenarioError, match="--precision"):
        filas.replicate("clinic", precision="much", measure="waiting.mean")
    for option in ["live", "step", "log", "log_file"]:
        with pytest.raises(filas.ScenarioError, match=f"--{option.replace('_', '-')}` is an option of the program"):
            filas.run("clinic", **{option: "x" if option.startswith("log") else True})
    with pytest.raises(filas.ScenarioError, match="`out` names no folder"):
        filas.run("clinic", tables="csv")
    with pytest.raises(filas.ScenarioError, match="`run` has no argument `nonsense`$"):
        filas.run("clinic", nonsense=1)
    with pytest.raises(filas.ScenarioError, match="`stages.0.servers` is None"):
        filas.run({**LINE, "stages": [{"name": "oven", "servers": None}]})
    with pytest.raises(filas.ScenarioError, match="this is a `int`"):
        filas.run(7)


def test_a_folder_says_how_it_was_made(tmp_path):
    filas.replicate(LINE, 2, out=tmp_path / "out")
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["command"][:3] == ["filas", "replicate", "-"]
    filas.run("clinic", out=tmp_path / "run", tables="csv")
    assert (tmp_path / "run/visits.csv").exists() and not (tmp_path / "run/visits.parquet").exists()


def test_shards_of_the_module_and_of_the_command_are_of_one_build(tmp_path):
    file = tmp_path / "bakery.toml"
    file.write_text(TEXT)
    alone = filas.replicate(file, 6)
    filas.replicate(file, 6, shard="1/2", out=tmp_path / "1")
    told("replicate", str(file), "-n", "6", "--shard", "2/2", "--out", str(tmp_path / "2"))
    said, error, code = told("merge", str(tmp_path / "1"), str(tmp_path / "2"), "--format", "json")
    assert (said, code) == (alone.json, 0), error


def test_warnings_are_the_commands():
    with pytest.warns(filas.ScenarioWarning) as warned:
        filas.run(LINE, set={"arrivals.interarrival.exponential.mean": 0.9})
    _, error, _ = told("run", "-", "--set", "arrivals.interarrival.exponential.mean=0.9", text=TEXT)
    assert [f"warning: {one.message}" for one in warned] == error.splitlines()
    assert {one.filename for one in warned} == {__file__}


def test_values_are_found_by_their_dotted_keys():
    result = filas.run(LINE)
    assert result["waiting.mean"] == result.summary["waiting"]["mean"]
    assert result["stages.counter.utilisation"] == result["stages.1.utilisation"] == result.summary["stages"][1]["utilisation"]
    with pytest.raises(KeyError):
        result["stages.counter.nothing"]


def test_the_head_of_the_report_is_shown_in_notebooks():
    result = filas.run(LINE)
    page = result.report().read_text()
    head = page[page.index("<header>") : page.index("</header>")]
    assert "bakery" in head and head in result._repr_html_()
    study = filas.replicate(LINE, 3)
    assert "3 replications" in study._repr_html_()


def test_reports_of_folders_are_written(tmp_path):
    filas.run(LINE, out=tmp_path / "out")
    page = filas.report(tmp_path / "out", png=tmp_path / "png")
    assert page == tmp_path / "out" / "report.html" and page.exists()
    assert any(Path(tmp_path / "png").glob("*.png"))
    with pytest.raises(filas.ScenarioError):
        filas.report(tmp_path)
    with pytest.raises(filas.ScenarioError, match="holds earlier results"):
        filas.run(LINE, out=tmp_path / "out")


def test_the_command_of_the_wheel_is_the_program():
    said, error, code = told("--version")
    assert (said.split()[0], error, code) == ("filas", "", 0)
    assert told("run", "nowhere.toml")[2] == 2
    said, _, code = told("replicate", "clinic", "-n", "3", "--format", "json")
    assert code == 0 and json.loads(said)["replications"] == 3


def test_a_study_gives_the_interval_of_a_measure_by_its_key():
    study = filas.replicate(LINE, 3)
    assert study["waiting.mean"] == study.summary["measures"]["waiting.mean"]
    assert study["stages.1.utilisation"]["n"] == 3
    named = filas.replicate(LINE, 3, measure="stages.counter.utilisation")
    assert named["stages.counter.utilisation"] == study["stages.1.utilisation"]
    with pytest.raises(KeyError):
        study["waiting.mode"]


def test_a_list_is_no_range_to_choose_from():
    with pytest.raises(filas.ScenarioError, match="`sweep` compares values"):
        filas.find(LINE, {"stages.counter.servers": [1, 2, 4]}, minimise="waiting.mean")


def test_errors_have_no_words_of_the_command_line():
    with pytest.raises(filas.ScenarioError) as raised:
        filas.replicate(LINE, 3, meassure="waiting.mean")
    assert str(raised.value) == "`replicate` has no argument `meassure`; did you mean `measure`?"
    with pytest.raises(filas.ScenarioError) as raised:
        filas.replicate(LINE, 0)
    assert "--help" not in str(raised.value) and "Usage" not in str(raised.value)


def test_a_dict_may_hold_a_long_recording():
    times = [0.5 * at for at in range(60_000)]
    long = {**LINE, "arrivals": {"times": {"values": times}}, "horizon": {"customers": 60_000}}
    assert filas.run(long)["customers.arrived"] == 60_000

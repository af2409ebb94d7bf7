"""Node's side of the lazy bindings, on a small tree of packages."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import metaflow_gcp

PRELOAD = Path(metaflow_gcp.__file__).parent / "_bindings/lazy_bindings.cjs"
DEFINITIONS = ".jsii.runtime-defs.v1.jsonl"
TEXT = "first line: äöü\nsecond line: 日本\n"


@pytest.fixture
def tree(tmp_path):
    def package(name, *, files, main="lib/index.js"):
        folder = tmp_path / "node_modules" / name
        for file in files:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(f"module.exports = {file!r};\n")
        (folder / "package.json").write_text(json.dumps({"name": name, "version": "1.0.0", "main": main}))

    both = ["lib/index.js", "lib/lazy-index.js"]
    package("@cdktf/provider-lazy", files=[*both, "lib/thing/index.js", "lib/thing/lazy-index.js"])
    package("@cdktn/provider-lazy", files=both)
    package("@cdktf/provider-old", files=["lib/index.js"])
    package("@cdktf/provider-other-entry", files=["lib/main.js", "lib/lazy-index.js"], main="lib/main.js")
    package("@cdktf/something", files=both)
    package("@others/provider-lazy", files=both)
    package("provider-lazy", files=both)
    (tmp_path / DEFINITIONS).write_text(TEXT, "utf-8")
    (tmp_path / "other.jsonl").write_text(TEXT, "utf-8")
    return tmp_path


def node(folder, expression, *options):
    done = subprocess.run(
        [os.environ["JSII_NODE"], *options, "-p", f"JSON.stringify({expression})"],
        cwd=folder,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_provider_s_entry_point_is_answered_with_the_lazy_one_where_it_is_there(tree):
    names = {
        "@cdktf/provider-lazy": "lib/lazy-index.js",
        "@cdktf/provider-lazy/lib/index.js": "lib/lazy-index.js",
        "@cdktn/provider-lazy": "lib/lazy-index.js",
        "@cdktf/provider-lazy/lib/thing": "lib/thing/index.js",
        "@cdktf/provider-old": "lib/index.js",
        "@cdktf/provider-other-entry": "lib/main.js",
        "@cdktf/something": "lib/index.js",
        "@others/provider-lazy": "lib/index.js",
        "provider-lazy": "lib/index.js",
    }
    expression = f"Object.fromEntries({json.dumps(list(names))}.map(name => [name, require(name)]))"
    assert node(tree, expression, "--require", str(PRELOAD)) == names


def test_what_is_not_there_is_said_as_node_says_it(tree):
    program = "(() => { try { require('@cdktf/provider-none') } catch (error) { return error.code } })()"
    assert node(tree, program, "--require", str(PRELOAD)) == "MODULE_NOT_FOUND"


@pytest.mark.parametrize("file", [f"./{DEFINITIONS}", "./other.jsonl"])
def test_files_read_as_without_it_in_ranges_and_whole(tree, file):
    """A range that parts a character included: jsii takes ranges of bytes."""
    program = f"""(() => {{
        const {{ readFileSync }} = require("node:fs");
        const made = readFileSync({json.dumps(file)});
        const ranges = [[0, 11], [12, 17], [13, 20], [30, {len(TEXT.encode())}]];
        return {{
            ranges: ranges.map(([start, end]) => made.toString("utf8", start, end)),
            rest: made.toString("utf8", 30),
            whole: made.toString(),
            length: made.length,
            byte: made[3],
            line: made.indexOf("second"),
            slice: made.subarray(0, 5).toString(),
            text: readFileSync({json.dumps(file)}, "utf8"),
            buffer: Buffer.isBuffer(made),
        }};
    }})()"""
    assert node(tree, program, "--require", str(PRELOAD)) == node(tree, program)


# Before this one every other preload has run: jsii's program calls this exit, whose own call returns only if it waits.
SLOW = """
const { existsSync, writeFileSync } = require("node:fs");
const { isMainThread } = require("node:worker_threads");
if (isMainThread) {
    const exit = process.exit;
    process.exit = (code) => { exit(code); writeFileSync(process.env.RETURNED, ""); };
} else {
    const nothing = new Int32Array(new SharedArrayBuffer(4));
    while (!existsSync(process.env.RETURNED)) Atomics.wait(nothing, 0, 0, 5);
}
"""


def test_jsii_s_index_of_a_new_package_is_written_however_soon_the_synth_is_done(tmp_path):
    """Its worker writes nothing before the synth is done: without the wait there would be no index, and no exit."""
    (tmp_path / "slow.cjs").write_text(SLOW)
    (tmp_path / "cache").mkdir(mode=0o700)
    program = """
import metaflow_gcp, os
os.environ["NODE_OPTIONS"] += f" --require {os.environ['SLOW']}"
import constructs
"""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(PRELOAD.parents[2]),
        "JSII_NODE": os.environ["JSII_NODE"],
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(tmp_path / "cache"),
        "RETURNED": str(tmp_path / "returned"),
        "SLOW": str(tmp_path / "slow.cjs"),
    }
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    written = {file.name for file in (tmp_path / "cache").rglob(".jsii.runtime*")}
    assert written == {".jsii.runtime.v1.json", ".jsii.runtime-index.v1", DEFINITIONS}


@pytest.mark.parametrize(("worker", "waits"), [("runtime-index-worker.js", True), ("other.js", False)])
def test_an_exit_waits_for_jsii_s_worker_only_and_keeps_its_code(tree, worker, waits):
    (tree / worker).write_text("setTimeout(() => require('node:fs').writeFileSync('written', ''), 1)")
    (tree / "main.js").write_text(f"""
        const {{ Worker }} = require("node:worker_threads");
        for (const each of [1, 2]) new Worker("./{worker}").on("error", () => undefined);
        process.exit(3);
        require("node:fs").writeFileSync("returned", "");
    """)
    command = [os.environ["JSII_NODE"], "--require", str(PRELOAD), "main.js"]
    assert subprocess.run(command, cwd=tree, env={}, check=False).returncode == 3
    assert (tree / "returned").exists() == waits
    assert (tree / "written").exists() or not waits


def test_a_worker_that_fails_keeps_no_exit_from_coming(tree):
    (tree / "runtime-index-worker.js").write_text("throw new Error('no space left')")
    (tree / "main.js").write_text("""
        const { Worker } = require("node:worker_threads");
        new Worker("./runtime-index-worker.js").on("error", () => undefined);
        process.exit(3);
    """)
    command = [os.environ["JSII_NODE"], "--require", str(PRELOAD), "main.js"]
    assert subprocess.run(command, cwd=tree, env={}, check=False).returncode == 3

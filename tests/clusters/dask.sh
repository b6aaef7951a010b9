#!/usr/bin/env bash
# A Dask scheduler and two workers on loopback; they live as long as this script. The first argument is a
# folder where the packages are kept from one time to the next, the second the scheduler's port. Says
# "ready" with the process ids of the workers, and ends with its standard input.
set -euo pipefail
packages=$1
port=$2

if ! [ -x "$packages/bin/dask" ]; then
    python3 -m venv "$packages" >&2
    "$packages/bin/pip" install --quiet --disable-pip-version-check distributed >&2
fi

work=$(mktemp -d)
"$packages/bin/dask" scheduler --host 127.0.0.1 --port "$port" --no-dashboard >"$work/scheduler" 2>&1 &
scheduler=$!
worker() {
    "$packages/bin/dask" worker "127.0.0.1:$port" --no-nanny --no-dashboard --nthreads 2 \
        --local-directory "$work" >"$work/worker-$1" 2>&1 &
}
worker 1
one=$!
worker 2
two=$!
trap 'kill "$one" "$two" "$scheduler" 2>/dev/null; wait; rm -rf "$work"' EXIT
for _ in $(seq 300); do
    if [ "$(grep -ls "Registered to" "$work"/worker-* | wc -l)" = 2 ]; then
        echo "ready $one $two"
        cat >/dev/null
        exit 0
    fi
    kill -0 "$scheduler" "$one" "$two"
    sleep 0.2
done
echo "the workers did not come up" >&2
tail -5 "$work"/* >&2
exit 1

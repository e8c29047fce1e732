"""Runs a command and prints what it took, all that it started included, as JSON: peers-measure.py COMMAND...

Processes that outlive their parent come to this one (PR_SET_CHILD_SUBREAPER), which waits for them: nothing goes uncounted.
"""
import ctypes, json, os, resource, subprocess, sys, time

PR_SET_CHILD_SUBREAPER = 36

if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
    raise SystemExit(f"peers-measure: prctl: {os.strerror(ctypes.get_errno())}")
began = time.monotonic()
ran = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
wall = time.monotonic() - began
while True:
    try:
        os.wait()
    except ChildProcessError:
        break
used = resource.getrusage(resource.RUSAGE_CHILDREN)
if ran.returncode != 0:
    raise SystemExit(f"{' '.join(sys.argv[1:4])} ended with {ran.returncode}: {ran.stderr[-800:]}")
print(json.dumps({"wallSeconds": wall, "cpuSeconds": used.ru_utime + used.ru_stime}))

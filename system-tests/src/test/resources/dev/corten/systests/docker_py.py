# What a user of docker-py writes; prints what it sees.
import io

import docker

client = docker.from_env()
print(client.ping(), client.version()["ApiVersion"], client.info()["Driver"])
print([image.tags for image in client.images.list()])
print(client.containers.run("busybox", "echo hello", remove=True))
try:
    client.containers.run("busybox", "sh -c 'echo wrong >&2; exit 3'", remove=True)
except docker.errors.ContainerError as error:
    print(error.exit_status, error.stderr)
image, log = client.images.build(
    fileobj=io.BytesIO(b"FROM busybox\nARG A\nRUN echo built $A\nCMD echo made\n"),
    tag="py:1",
    buildargs={"A": "x"},
    rm=True,
)
print(image.tags, [m["stream"] for m in log if m.get("stream", "").startswith("built")])
print(client.containers.run("py:1", remove=True))
try:
    client.images.build(fileobj=io.BytesIO(b"FROM busybox\nRUN exit 7\n"), forcerm=True)
except docker.errors.BuildError as error:
    print(error.msg)
container = client.containers.run(
    "busybox", "sleep 1000", name="t1", detach=True, labels={"color": "red"}, mem_limit="64m"
)
print([c.name for c in client.containers.list(filters={"label": "color=red"})])
print(container.exec_run("sh -c 'echo inside; exit 4'"))
print(container.stats(stream=False)["memory_stats"]["limit"], [p[1] for p in container.top(ps_args="-o pid,comm")["Processes"]])
container.stop(timeout=0)
container.reload()
print(container.status, container.wait())
container.remove()
try:
    client.containers.get("t1")
except docker.errors.NotFound as error:
    print(error.explanation)

// What VS Code's Dev Containers, JetBrains' and Portainer-like tools do with this library.
const fs = require('fs');
const os = require('os');
const path = require('path');
const { PassThrough } = require('stream');
const Docker = require('dockerode');

const docker = new Docker({ socketPath: process.argv[2] });

function text(stream) {
  return new Promise((resolve, reject) => {
    let all = '';
    stream.on('data', (bytes) => { all += bytes; });
    stream.on('end', () => resolve(all));
    stream.on('error', reject);
  });
}

// docker-modem takes frames apart and leaves the end to its caller.
async function demuxed(stream) {
  const out = new PassThrough();
  const err = new PassThrough();
  docker.modem.demuxStream(stream, out, err);
  stream.on('end', () => { out.end(); err.end(); });
  return Promise.all([text(out), text(err)]);
}

async function main() {
  console.log((await docker.ping()).toString(), (await docker.version()).ApiVersion);
  console.log((await docker.info()).OSType, (await docker.listImages())[0].RepoTags[0]);

  const context = fs.mkdtempSync(path.join(os.tmpdir(), 'context'));
  fs.writeFileSync(path.join(context, 'Dockerfile'), 'FROM busybox\nCOPY f /f\nRUN cat /f\n');
  fs.writeFileSync(path.join(context, 'f'), 'copied\n');
  const build = await docker.buildImage({ context, src: ['Dockerfile', 'f'] }, { t: 'node:1' });
  const messages = await new Promise((resolve, reject) => {
    docker.modem.followProgress(build, (e, all) => (e ? reject(e) : resolve(all)));
  });
  fs.rmSync(context, { recursive: true });
  console.log(messages.filter((m) => /^(copied|Step 3)/.test(m.stream)).map((m) => m.stream.trim()).join());
  console.log((await docker.getImage('node:1').inspect()).Id === messages.find((m) => m.aux).aux.ID);

  const events = await docker.getEvents({ filters: { type: ['container'], label: ['by=dockerode'] } });
  const actions = [];
  let destroyed;
  const gone = new Promise((resolve) => { destroyed = resolve; });
  events.on('data', (bytes) => {
    for (const line of bytes.toString().split('\n').filter((l) => l)) {
      actions.push(JSON.parse(line).Action);
      if (actions.at(-1) === 'destroy') destroyed();
    }
  });

  const container = await docker.createContainer({
    Image: 'busybox',
    name: 'vsc',
    Labels: { by: 'dockerode', 'devcontainer.local_folder': '/home/me' },
    Entrypoint: ['/bin/sh'],
    Cmd: ['-c', 'echo Container started; trap "exit 0" 15; while sleep 0.1 & wait $!; do :; done'],
    HostConfig: { Mounts: [{ Type: 'volume', Source: 'vscode', Target: '/vscode' }] },
  });
  const attached = await container.attach({ stream: true, stdout: true, stderr: true });
  const started = new Promise((resolve) => attached.once('data', resolve));
  await container.start();
  await started;

  const found = await docker.listContainers({ filters: { label: ['devcontainer.local_folder=/home/me'] } });
  console.log(found.map((c) => c.Names[0] + ' ' + c.State).join());

  const exec = await container.exec({
    Cmd: ['sh', '-c', 'cat; echo err >&2; exit 5'], AttachStdin: true, AttachStdout: true, AttachStderr: true,
  });
  const stream = await exec.start({ hijack: true, stdin: true });
  const streams = demuxed(stream);
  stream.end('typed\n');
  console.log(JSON.stringify(await streams), (await exec.inspect()).ExitCode);

  const one = await container.stats({ stream: false });
  console.log(one.memory_stats.usage > 0, (await container.top()).Titles.includes('PID'));
  const log = await container.logs({ stdout: true, stderr: true, follow: false });
  console.log(JSON.stringify(log.subarray(8).toString()));

  await container.stop({ t: 5 });
  console.log((await container.wait()).StatusCode);
  await container.remove({ v: true });
  await docker.getVolume('vscode').remove();
  await gone;
  events.destroy();
  console.log(actions.filter((a) => !a.startsWith('exec_')).join(' '));
  try {
    await container.inspect();
  } catch (e) {
    console.log(e.statusCode, e.json.message.replace(container.id, 'ID'));
  }
}

main().catch((e) => { console.error(e); process.exit(1); });

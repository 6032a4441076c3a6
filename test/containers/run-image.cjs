'use strict';
/**
 * Runs a server from an image, for EVENTSTORE_COMMAND and NATS_SERVER_COMMAND:
 *
 *     node test/containers/run-image.cjs [--env NAME=VALUE ...] IMAGE [ARGUMENTS ...]
 *
 * The container has the network, the user and the temporary directory of this machine. SIGTERM stops the server in order.
 * SIGKILL of this process kills the server, too.
 */
const { fork } = require('node:child_process');
const { randomUUID } = require('node:crypto');
const os = require('node:os');
const { setTimeout: delay } = require('node:timers/promises');
const { GenericContainer, getContainerRuntimeClient, Wait } = require('testcontainers');

const STOP_WITHIN_MS = 20_000;
const GUARD = '--guard';
/** How long the guard looks for the container of a process that was killed. */
const GUARDED_MS = 5_000;
const GUARD_EVERY_MS = 50;

async function run(args) {
  const environment = {};
  while (args[0] === '--env') {
    const [variable, ...value] = args[1].split('=');
    environment[variable] = value.join('=');
    args = args.slice(2);
  }
  const [image, ...command] = args;
  const { uid, gid } = os.userInfo();
  const name = `cohort-test-${randomUUID()}`;
  // First: this process may be killed while the container starts.
  fork(__filename, [GUARD, name], { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] }).unref();
  const container = await new GenericContainer(image)
    .withName(name)
    .withNetworkMode('host')
    .withUser(`${uid}:${gid}`)
    .withBindMounts([{ source: os.tmpdir(), target: os.tmpdir() }])
    .withEnvironment(environment)
    .withCommand(command)
    .withLogConsumer((log) => {
      log.on('data', (line) => process.stderr.write(line));
      // Its log ends with the server.
      log.once('end', () => process.exit(1));
    })
    // Whoever started this process waits until the server answers.
    .withWaitStrategy(Wait.forLogMessage(/./))
    .start();
  process.once('SIGTERM', () => {
    void container.stop({ timeout: STOP_WITHIN_MS }).then(() => process.exit(0));
  });
}

/** A process of its own, which outlives the SIGKILL of the one above, and then removes its container. */
async function guard(name) {
  const { container } = await getContainerRuntimeClient();
  const isRemoved = () =>
    container
      .getById(name)
      .remove({ force: true, v: true })
      .then(
        () => true,
        () => false,
      );
  const remove = async () => {
    // It may be made at this moment.
    for (const until = Date.now() + GUARDED_MS; Date.now() < until && !(await isRemoved());)
      await delay(GUARD_EVERY_MS);
    process.exit();
  };
  if (process.connected) process.once('disconnect', remove);
  else await remove();
}

const [first, second] = process.argv.slice(2);
void (first === GUARD ? guard(second) : run(process.argv.slice(2)));

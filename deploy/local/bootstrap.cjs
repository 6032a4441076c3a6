'use strict';
/**
 * Prepares `npm start` and `npm test`: checks Node, and provides packages, nats-server and a build. It is plain JavaScript
 * without dependencies, because it runs before the packages are installed.
 */
const { spawn, spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.resolve(__dirname, '../..');
const DIST = path.join(ROOT, 'dist');
const OLDEST_NODE = 20;
const OLDEST_NATS = [2, 9];

/** An error that the user can correct. Only its message is shown, without a stack trace. */
class Refusal extends Error {}

const say = (text, stream = process.stdout) => stream.write(`${text}\n`);

/** Runs a command with visible output. Resolves if it succeeds, and rejects with `complaint` if it fails. */
function run([command, ...args], complaint, stream = process.stdout) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', stream.fd, 'inherit'] });
    // Ctrl-C reaches the whole foreground group. A signal to this process alone is passed on.
    const passOn = (signal) => {
      child.kill(signal);
      child.once('exit', () => process.exit(1));
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    signals.forEach((signal) => process.on(signal, passOn));
    const done = (failed) => {
      signals.forEach((signal) => process.off(signal, passOn));
      if (failed) reject(new Refusal(complaint));
      else resolve();
    };
    child.once('error', () => done(true));
    child.once('exit', (code) => done(code !== 0));
  });
}

/** Runs a slow step, and prints its title and its duration. */
async function step(title, work, stream) {
  const start = process.hrtime.bigint();
  say(`${title} ...`, stream);
  const result = await work();
  say(`${title}: done in ${(Number(process.hrtime.bigint() - start) / 1e9).toFixed(1)} s`, stream);
  return result;
}

function checkNode(version = process.versions.node) {
  if (Number(version.split('.')[0]) < OLDEST_NODE) {
    throw new Refusal(`Cohort needs Node ${OLDEST_NODE} or newer; this is Node ${version}.`);
  }
}

const readJson = (file) => {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
};

/**
 * Whether `node_modules` matches the lock file. File times are no proof: a checkout touches the lock file, and an
 * interrupted install touches the folder. So the lock file is compared with the one that npm writes into `node_modules`
 * after a complete install.
 */
function packagesAreCurrent(root = ROOT) {
  const wanted = readJson(path.join(root, 'package-lock.json'))?.packages;
  const present = readJson(path.join(root, 'node_modules/.package-lock.json'))?.packages;
  if (!wanted || !present) return false;
  const same = (name) =>
    present[name] ? present[name].version === wanted[name].version : Boolean(wanted[name].optional);
  return Object.keys(present).every((name) => name in wanted) && Object.keys(wanted).filter(Boolean).every(same);
}

async function ensurePackages() {
  if (packagesAreCurrent()) return;
  // Prefers the npm that runs this process. Development packages are always installed, because they include the compiler.
  const npm = process.env.npm_execpath;
  const command = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  await step('Installing the packages (npm ci)', () =>
    run([...command, 'ci', '--include=dev', '--no-audit', '--no-fund'], 'npm ci failed; see its output above.'),
  );
}

// Debian installs servers in /usr/sbin, which not every PATH contains. The PATH of a service lacks Homebrew's folders.
const BIN_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/opt/homebrew/bin'];

function onPath(program) {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), ...BIN_FOLDERS].filter(Boolean);
  return folders
    .map((folder) => path.join(folder, program))
    .find((file) => {
      try {
        fs.accessSync(file, fs.constants.X_OK);
        return fs.statSync(file).isFile();
      } catch {
        return false;
      }
    });
}

const succeeds = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** Returns the prefix that runs a command as root, or undefined if that needs a password. */
function asRoot() {
  if (process.getuid?.() === 0) return [];
  return onPath('sudo') && succeeds('sudo', ['-n', 'true']) ? ['sudo', '-n'] : undefined;
}

const HOW_TO_GET_NATS =
  'nats-server was not found. Install it (Debian and Ubuntu: sudo apt-get install nats-server; Mac: brew install ' +
  'nats-server; others: https://github.com/nats-io/nats-server/releases), or set NATS_URL to a running server.';

async function installWithApt() {
  const root = asRoot();
  if (!root) throw new Refusal(HOW_TO_GET_NATS);
  const apt = (...args) =>
    run(
      [...root, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-o', 'Dpkg::Use-Pty=0', '-qq', ...args],
      `apt-get ${args[0]} failed; see its output above. ${HOW_TO_GET_NATS}`,
    );
  await step('Installing nats-server (apt-get)', async () => {
    // If the update fails, the old package list may be sufficient.
    await apt('update').catch(() => undefined);
    await apt('install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', 'nats-server');
    // The package starts its own service on port 4222, which isn't wanted here.
    if (fs.existsSync('/run/systemd/system')) {
      const disable = ['systemctl', 'disable', '--now', '--quiet', 'nats-server.service'];
      await run([...root, ...disable], 'systemctl could not stop the nats-server service that the package started.');
    }
  });
}

/** Returns the path of a suitable nats-server. A missing one is installed if possible. */
async function ensureNatsServer() {
  if (!onPath('nats-server')) {
    if (process.platform === 'linux' && onPath('apt-get')) await installWithApt();
    else if (process.platform === 'darwin' && onPath('brew')) {
      await step('Installing nats-server (brew)', () =>
        run(['brew', 'install', '--quiet', 'nats-server'], `brew failed; see its output above. ${HOW_TO_GET_NATS}`),
      );
    }
  }
  const file = onPath('nats-server');
  if (!file) throw new Refusal(HOW_TO_GET_NATS);
  const text = spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout ?? '';
  const [, major, minor] = /v?(\d+)\.(\d+)\./.exec(text) ?? [];
  const [oldestMajor, oldestMinor] = OLDEST_NATS;
  if (Number(major) < oldestMajor || (Number(major) === oldestMajor && Number(minor) < oldestMinor)) {
    throw new Refusal(`${file} is version ${major}.${minor}; Cohort needs ${OLDEST_NATS.join('.')} or newer.`);
  }
  return file;
}

const SOURCES = ['apps', 'libs', 'deploy'];
const BUILD_SETTINGS = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json'];
const STAMP = path.join(DIST, '.sources');

/** Returns a hash over all inputs of the build. */
function hashSources() {
  const files = SOURCES.filter((folder) => fs.existsSync(path.join(ROOT, folder)))
    .flatMap((folder) =>
      fs
        .readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts'))
        .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name)),
    )
    .sort();
  const hash = createHash('sha256');
  for (const file of [...BUILD_SETTINGS.map((name) => path.join(ROOT, name)), ...files]) {
    const content = fs.readFileSync(file);
    hash.update(`${path.relative(ROOT, file)}\n${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

/** Builds into `dist`, unless `dist` was built from the same sources. What it prints goes to `stream`. */
async function ensureBuild(stream = process.stdout) {
  const hash = hashSources();
  if (fs.existsSync(STAMP) && fs.readFileSync(STAMP, 'utf8') === hash) return;
  const build = async () => {
    const nest = path.join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js');
    await run([process.execPath, nest, 'build'], 'The build failed; see its output above.', stream);
    fs.writeFileSync(STAMP, hash);
  };
  await step('Building', build, stream);
}

/**
 * Runs `work`. An error that the user can correct is printed as its message only, any other with its stack. The exit code is
 * 1 then. Errors may contain addresses with passwords, which the build knows to hide; before there is a build, none does.
 */
async function main(work) {
  try {
    await work();
  } catch (error) {
    const { hide, stackOf } = surroundings();
    const correctable = error instanceof Refusal || error?.name === 'StartError';
    process.stderr.write(`\n${correctable ? hide(error.message) : stackOf(error)}\n`);
    if (!correctable) process.exit(1);
    process.exitCode = 1;
  }
}

function surroundings() {
  try {
    return require(path.join(DIST, 'libs/surroundings/src/index.js'));
  } catch {
    return { hide: (text) => text, stackOf: (error) => error?.stack ?? 'an error that has no text' };
  }
}

module.exports = {
  DIST,
  ROOT,
  Refusal,
  checkNode,
  ensureBuild,
  ensureNatsServer,
  ensurePackages,
  main,
  packagesAreCurrent,
  say,
  step,
};

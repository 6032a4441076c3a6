'use strict';
/**
 * `npm test`: installs what is missing, then checks format, lint, types and build side by side, then runs the tiers of
 * tests. At the end it prints the failures, the ten slowest files, and `N passed, N failed`. A check counts as one test.
 */
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const bootstrap = require('../deploy/local/bootstrap.cjs');

const { ROOT, say } = bootstrap;
const TAIL_LINES = 40;
/** A stage that takes longer hangs: Jest, for example, waits for ever for a server that a failed test left behind. */
const STAGE_MINUTES = 15;
/** All suites once more, on servers that start in tens of seconds. */
const CONTAINER_MINUTES = 180;
const SLOWEST = 10;

/**
 * @typedef {{ name: string, seconds: number }} File
 * @typedef {{ passed: number, failed: number, skipped: number, complaints: string[], files: File[] }} Outcome
 */

const nothing = { passed: 0, failed: 0, skipped: 0, complaints: [], files: [] };
const passedOnce = { ...nothing, passed: 1 };
const failedOnce = (complaint) => ({ ...nothing, failed: 1, complaints: [complaint] });

const tool = (file, ...args) => [process.execPath, path.join(ROOT, 'node_modules', file), ...args];
const jest = (...args) => tool('jest/bin/jest.js', ...args);

/** Runs a command and passes its output to `show`; resolves with its exit code and the last lines of its output. */
function run([command, ...args], show, minutes = STAGE_MINUTES) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: minutes * 60_000,
      killSignal: 'SIGKILL',
    });
    const tail = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        show(text);
        tail.push(...text.split('\n'));
        tail.splice(0, tail.length - TAIL_LINES);
      });
    }
    child.once('error', (error) => resolve({ code: 1, tail: error.message }));
    child.once('exit', (code, signal) => {
      if (signal === null) return;
      tail.push(`It was ended by ${signal}: npm test ends a stage after ${minutes} minutes.`);
      // A process that it left behind may hold them open, and then `close` would not come.
      child.stdout.destroy();
      child.stderr.destroy();
    });
    child.once('close', (code) => resolve({ code: code ?? 1, tail: tail.join('\n') }));
  });
}

const showAtOnce = (text) => process.stdout.write(text);

/** A check runs beside others, so its output is shown in one piece. */
async function check(command) {
  let output = '';
  const { code, tail } = await run(command, (text) => (output += text));
  return { ...(code === 0 ? passedOnce : failedOnce(tail)), output };
}

/** Runs one tier; its counts come from Jest's own report, not from its exit code alone. */
async function tier(name, { minutes, args = [] } = {}) {
  const report = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'cohort-tests-')), 'report.json');
  try {
    const { code, tail } = await run(
      jest('--selectProjects', name, '--json', `--outputFile=${report}`, ...args),
      showAtOnce,
      minutes,
    );
    if (!fs.existsSync(report)) return code === 0 ? nothing : failedOnce(tail);
    const outcome = summarise(JSON.parse(fs.readFileSync(report, 'utf8')));
    return code !== 0 && outcome.failed === 0 ? failedOnce(tail) : outcome;
  } finally {
    fs.rmSync(path.dirname(report), { recursive: true, force: true });
  }
}

/** A file that couldn't run at all (it doesn't compile, for example) counts as one failure: it has no tests to count. */
function summarise(report) {
  const files = report.testResults;
  const failedTests = files.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .map(
        ({ fullName, failureMessages }) => `${path.relative(ROOT, name)}: ${fullName}\n${failureMessages.join('\n')}`,
      ),
  );
  const brokenFiles = files
    .filter(
      ({ status, assertionResults }) =>
        status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
    )
    .map(({ name, message }) => `${path.relative(ROOT, name)} could not run.\n${message}`);
  return {
    passed: report.numPassedTests,
    failed: failedTests.length + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
    complaints: [...failedTests, ...brokenFiles],
    files: files.map(({ name, startTime, endTime }) => ({
      name: path.relative(ROOT, name),
      seconds: (endTime - startTime) / 1_000,
    })),
  };
}

/** Tests against real servers in containers run where Docker runs; elsewhere they are counted as skipped. */
function containers() {
  if (spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0)
    return tier('container', { minutes: CONTAINER_MINUTES, args: ['--runInBand'] });
  say('There is no Docker here (docker info): the container tests are skipped.');
  return tier('container', { args: ['--silent', '--testNamePattern', '(?!)'] });
}

const BUILD = "const { ensureBuild, main } = require('./deploy/local/bootstrap.cjs'); void main(ensureBuild);";

const CHECKS = [
  ['format', () => check(tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'))],
  ['lint', () => check(tool('eslint/bin/eslint.js', '.', '--max-warnings', '0'))],
  ['types', () => check(tool('typescript/bin/tsc', '--noEmit'))],
  ['build', () => check([process.execPath, '-e', BUILD])],
];
const TIERS = [
  ['unit', () => tier('unit')],
  ['integration', () => tier('integration')],
  ['end-to-end', () => tier('e2e', { args: ['--runInBand'] })],
  ['containers', containers],
];

async function runStage([name, work]) {
  const start = process.hrtime.bigint();
  const outcome = await work();
  const seconds = (Number(process.hrtime.bigint() - start) / 1e9).toFixed(1);
  const skipped = outcome.skipped > 0 ? `, ${outcome.skipped} skipped` : '';
  if (outcome.output) showAtOnce(`\n${outcome.output}`);
  say(`== ${name}: ${outcome.passed} passed, ${outcome.failed} failed${skipped} (${seconds} s)`);
  return { name, seconds, ...outcome };
}

function showSlowest(outcomes) {
  const files = outcomes.flatMap((outcome) => outcome.files).sort((a, b) => b.seconds - a.seconds);
  say('The slowest files:');
  for (const { name, seconds } of files.slice(0, SLOWEST)) say(`${seconds.toFixed(1).padStart(7)} s  ${name}`);
}

/** The settings of docs/testing.md that select other servers. */
const SERVERS = ['EVENTSTORE_COMMAND', 'EVENTSTORE_URL', 'NATS_SERVER_COMMAND', 'NATS_URL'];

async function ensureServers() {
  const other = SERVERS.filter((name) => process.env[name]);
  if (other.length > 0) say(`The tests run on other servers, by ${other.join(', ')}; tests that can't are skipped.`);
  if (process.env.NATS_SERVER_COMMAND || process.env.NATS_URL) return;
  // The tests start it by its name, and Debian's folder for it isn't on every PATH.
  process.env.PATH += path.delimiter + path.dirname(await bootstrap.ensureNatsServer());
}

void bootstrap.main(async () => {
  bootstrap.checkNode();
  await bootstrap.ensurePackages();
  await ensureServers();

  say(`== ${CHECKS.map(([name]) => name).join(', ')}`);
  const outcomes = await Promise.all(CHECKS.map(runStage));
  for (const stage of TIERS) {
    say(`\n== ${stage[0]}`);
    outcomes.push(await runStage(stage));
  }

  for (const { name, complaints } of outcomes) {
    for (const complaint of complaints) say(`\n-- failed in ${name}: ${complaint}`);
  }
  say('');
  showSlowest(outcomes);
  say('');
  for (const { name, seconds, passed, failed, skipped } of outcomes) {
    const counts = `${String(passed).padStart(5)} passed ${String(failed).padStart(3)} failed ${String(skipped).padStart(3)} skipped`;
    say(`${name.padEnd(12)}${counts} ${seconds.padStart(7)} s`);
  }
  const total = (key) => outcomes.reduce((sum, outcome) => sum + outcome[key], 0);
  const skipped = total('skipped') > 0 ? `, ${total('skipped')} skipped` : '';
  process.exitCode = total('failed') > 0 ? 1 : 0;
  say(`\n${total('passed')} passed, ${total('failed')} failed${skipped}`);
});

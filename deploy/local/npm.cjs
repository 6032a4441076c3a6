'use strict';
/** Notices the end of the npm that runs this process. Plain JavaScript, because it is needed before the build. */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');

const LINUX = process.platform === 'linux';
/** On a Mac, each look at a process costs a `ps`. */
const LOOK_EVERY_MS = LINUX ? 500 : 2_000;

/**
 * Returns a process's parent, its start time and its command line, or undefined if it has ended.
 *
 * @param {number} pid
 */
function look(pid) {
  return LINUX ? lookInProc(pid) : lookByPs(pid);
}

function lookInProc(pid) {
  try {
    // proc(5): the fields after the name in parentheses are fixed: state, parent, and the start time as the 22nd field.
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const command = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ');
    return { parent: Number(fields[1]), started: fields[19], command };
  } catch {
    return undefined;
  }
}

function lookByPs(pid) {
  const args = ['-ww', '-o', 'state=,ppid=,lstart=,command=', '-p', String(pid)];
  const { stdout } = spawnSync('ps', args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  // Z    4711 Thu Nov 26 04:31:32 2026     npm start
  const [, state, parent, started, command] =
    /^\s*(\S+)\s+(\d+)\s+(\S+ +\S+ +\S+ +\S+ +\S+)\s+(.*)/.exec(stdout ?? '') ?? [];
  return state === undefined || state.startsWith('Z') ? undefined : { parent: Number(parent), started, command };
}

/**
 * Calls `then` once, when npm or the shell between npm and this process has ended. npm runs a script in a shell, and neither of
 * them passes every signal on. When npm is killed, the shell waits for this process as if nothing had happened, and this
 * process keeps its parent. So npm itself is watched, too. Without npm, nothing is watched.
 *
 * @param {() => void} then
 */
function whenNpmEnds(then) {
  const script = process.env.npm_lifecycle_script;
  if (!script) return;
  const watched = [];
  const watch = (pid) => {
    const seen = look(pid);
    if (seen && pid > 1) watched.push({ pid, started: seen.started });
    return seen;
  };
  const parent = process.ppid;
  const shell = watch(parent);
  // A shell that runs only one command may become that command. Then npm is the parent, and what is above it isn't watched:
  // a service may outlive the terminal's shell.
  if (shell?.command.includes(script)) watch(shell.parent);
  const timer = setInterval(() => {
    if (process.ppid === parent && watched.every(({ pid, started }) => look(pid)?.started === started)) return;
    clearInterval(timer);
    then();
  }, LOOK_EVERY_MS);
  timer.unref();
}

module.exports = { lookByPs, lookInProc, whenNpmEnds };

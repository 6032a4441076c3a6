import { DEMO_APP, type ServedDialect } from '@cohort/process';
import type { EventStoreAddress, NatsAddress } from '@cohort/surroundings';
import { resolve } from 'node:path';
import { appLines } from './listed-apps';
import { shellWord } from './shell-word';

/** The default of the nats command line and of `request.cjs`. */
const DEFAULT_NATS_URL = 'nats://127.0.0.1:4222';
/** Its whole path, so that the line works in any folder. This file runs in `dist/deploy/local`. */
const REQUEST = resolve(__dirname, '../../../deploy/local/request.cjs');

/** The contents of the banner. */
export interface Started {
  readonly seconds: string;
  readonly gateway: string;
  readonly nats: NatsAddress;
  readonly eventStore: EventStoreAddress;
  readonly dataDir: string;
  /** The file of the tenants. Without one there is the demo tenant, and its keys are shown. */
  readonly appsFile?: string | undefined;
  /** What the gateway serves. */
  readonly dialects: readonly ServedDialect[];
}

/** Printed when all parts are ready: addresses, and lines that work when pasted. */
export function banner(started: Started): string {
  const { seconds, gateway, nats, eventStore, dataDir, appsFile, dialects } = started;
  const addresses = [
    `Cohort is ready (${seconds} s). Ctrl-C stops it.`,
    '',
    `  HTTP         ${gateway} (${dialects.map(({ title }) => title).join(', ')})`,
    ...dialects.flatMap(({ title, url }) => (url === undefined ? [] : [`  ${title.padEnd(12)} ${url} (alone, too)`])),
    `  its API      ${gateway}/docs`,
    `  NATS         ${nats.shown}`,
    `  event store  ${eventStore.shown}`,
    `  data         ${dataDir}`,
  ];
  const rest = appsFile === undefined ? demo(dialects, nats) : own(resolve(appsFile), nats);
  return ['', ...addresses, ...rest, ''].join('\n');
}

/** The subject and the body of a command that makes a group. */
function createOf(app: string): string {
  const body = { app, actor: { type: 'service' }, name: 'Sales', owner: 'u1', members: ['u2', 'u3'] };
  return `group.v1.command.create '${JSON.stringify(body)}'`;
}

/** A line that sends a request with nothing but Node. An address with a login isn't printed: the shell needs the setting. */
const withNode = ({ shown, login }: NatsAddress, request: string): string =>
  `${shown !== DEFAULT_NATS_URL && !login ? `NATS_URL=${shown} ` : ''}node ${shellWord(REQUEST)} ${request}`;

function own(file: string, nats: NatsAddress): string[] {
  const lines = appLines(file, (app) => withNode(nats, createOf(app)));
  return [
    `  apps         ${file}`,
    ...(lines.length === 0 ? [] : ['', 'Your apps, each with a line to paste:', ...lines]),
  ];
}

function demo(dialects: readonly ServedDialect[], nats: NatsAddress): string[] {
  const { shown: server, login } = nats;
  const there = login ? '"$NATS_URL"' : server;
  const elsewhere = login !== undefined || server !== DEFAULT_NATS_URL;
  const create = createOf(DEMO_APP.id);
  const shown = dialects.flatMap(({ title, demo }) => (demo ? [{ title, ...demo }] : []));
  const width = Math.max(0, ...shown.map(({ title }) => title.length));
  return [
    '',
    `The app "${DEMO_APP.id}", for trying out (APPS_FILE lists your own):`,
    ...shown.map(({ title, keys }) => `  ${title.padEnd(width)}  ${keys}`),
    '',
    ...shown.flatMap(({ title, curl }) => [
      `Make a group over HTTP, as a ${title} SDK would:`,
      `  ${withoutProxy(curl)}`,
    ]),
    `over NATS, with the nats command line${login ? ' (with the NATS_URL of npm start)' : ''}:`,
    `  nats req ${elsewhere ? `--server ${there} ` : ''}${create}`,
    'and the same with nothing but Node:',
    `  ${withNode(nats, create)}`,
  ];
}

/** curl sends loopback through a proxy of its environment, too. */
const withoutProxy = (curl: string): string =>
  ['http_proxy', 'all_proxy', 'ALL_PROXY'].some((name) => process.env[name])
    ? curl.replace(/^curl /, `curl --noproxy '*' `)
    : curl;

import { DEMO_APP } from '@cohort/process';
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';

/** Where the nats command line and our own look when nobody says otherwise. */
const DEFAULT_NATS_URL = 'nats://127.0.0.1:4222';
/** By its whole path, so that the line works in any folder; from `dist/deploy/local` back to the sources. */
const REQUEST = resolve(__dirname, '../../../deploy/local/request.cjs');

/** What the banner tells. */
export interface Started {
  readonly seconds: string;
  readonly gateway: string;
  readonly nats: string;
  readonly eventStore: string;
  readonly dataDir: string;
  /** The file of the apps; without one, the demo app is there and its keys are shown. */
  readonly appsFile?: string;
}

/** What a person sees when all is ready: where things are, and lines that work when pasted. */
export function banner(started: Started): string {
  const { seconds, gateway, nats, eventStore, dataDir, appsFile } = started;
  const addresses = [
    `Cohort is ready (${seconds} s). Ctrl-C stops it.`,
    '',
    `  HTTP         ${gateway}`,
    `  NATS         ${withoutPassword(nats)}`,
    `  event store  ${withoutPassword(eventStore)}`,
    `  data         ${dataDir}`,
  ];
  const rest = appsFile === undefined ? demo(gateway, nats) : [`  apps         ${appsFile}`];
  return ['', ...addresses, ...rest, ''].join('\n');
}

function demo(gateway: string, nats: string): string[] {
  const { rongcloud, wildfirechat, shengwang, agora, lanying } = DEMO_APP;
  const body = JSON.stringify({
    app: DEMO_APP.id,
    actor: { type: 'service' },
    name: 'Sales',
    owner: 'u1',
    members: ['u2', 'u3'],
  });
  const server = withoutPassword(nats);
  const elsewhere = server !== DEFAULT_NATS_URL;
  const create = `group.v1.command.create '${body}'`;
  return [
    '',
    `The app "${DEMO_APP.id}", for trying out (APPS_FILE lists your own):`,
    `  RongCloud     App-Key ${rongcloud.appKey}, secret ${rongcloud.appSecret}`,
    `  WildfireChat  secret ${wildfirechat.secret}`,
    `  Shengwang     app id ${shengwang.appId}, certificate ${shengwang.certificate}`,
    `  Agora Chat    org ${agora.org}, app ${agora.app}, client id ${agora.clientId}, client secret ${agora.clientSecret}`,
    `  Lanying       app_id ${lanying.appId}, secret ${lanying.secret} (HS512)`,
    '',
    'Make a group over HTTP, as a RongCloud SDK would:',
    `  ${curlLine(gateway, rongcloud)}`,
    'over NATS, with the nats command line:',
    `  nats req ${elsewhere ? `--server ${server} ` : ''}${create}`,
    'and the same with nothing but Node:',
    `  ${elsewhere ? `NATS_URL=${server} ` : ''}node ${shellWord(REQUEST)} ${create}`,
  ];
}

/** A path as a shell takes it for one word. */
const shellWord = (text: string): string => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** A signed call of RongCloud's `group/create` (seed 000 and the vendor's SDKs: SHA-1 of secret, nonce, timestamp). */
function curlLine(gateway: string, { appKey, appSecret }: { appKey: string; appSecret: string }): string {
  const nonce = '14314';
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHash('sha1').update(`${appSecret}${nonce}${timestamp}`).digest('hex');
  const headers = { 'App-Key': appKey, Nonce: nonce, Timestamp: timestamp, Signature: signature };
  const form = 'groupId=g1&groupName=Sales&userId=u1&userId=u2&userId=u3';
  return [
    `curl -s ${gateway}/group/create.json`,
    ...Object.entries(headers).map(([name, value]) => `-H '${name}: ${value}'`),
    `-d '${form}'`,
  ].join(' ');
}

/** An address as it may be shown. */
export const withoutPassword = (url: string): string => url.replace(/\/\/[^/@,]*@/g, '//');

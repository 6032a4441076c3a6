import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { nodeText, type Node } from './address';
import { codeOf } from './texts';

/** What is found at an address. `silent` accepts a connection and sends nothing that is known here. */
export type Answer = 'unknown host' | 'refused' | 'unreachable' | 'silent' | 'nats' | 'http2' | 'http' | 'tls';

const WITHIN_MS = 2_000;
/** A nats-server greets at once, so that a server which is still silent after this time waits to be greeted. */
const GREETING_MS = 700;
/** The beginning of every HTTP/2 connection, and an empty SETTINGS frame. */
const HTTP2 = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);

/** Finds out which protocol the server at an address speaks. Never rejects. */
export async function whatAnswers(node: Node): Promise<Answer> {
  const greeting = await exchange(node, undefined);
  if (typeof greeting === 'string') return greeting;
  const first = protocolOf(greeting);
  if (first) return first;
  const reply = await exchange(node, HTTP2);
  const second = typeof reply === 'string' ? undefined : protocolOf(reply);
  if (second) return second;
  return (await speaksTls(node)) ? 'tls' : 'silent';
}

function protocolOf(bytes: Buffer): Answer | undefined {
  const text = bytes.toString('latin1');
  if (text.startsWith('INFO ')) return 'nats';
  if (text.startsWith('HTTP/1.')) return 'http';
  // A frame of type SETTINGS on the stream 0.
  if (bytes.length >= 9 && bytes[3] === 4 && bytes.readUInt32BE(5) === 0) return 'http2';
  return undefined;
}

/** Sends bytes, or waits for a greeting. Resolves with the first bytes of the answer: none if the server sent none. */
function exchange({ host, port }: Node, send: Buffer | undefined): Promise<Buffer | Answer> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port });
    let connected = false;
    const finish = (answer: Buffer | Answer): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    let timer = setTimeout(() => finish('unreachable'), WITHIN_MS);
    socket.on('error', (error) => finish(connected ? Buffer.alloc(0) : whyNot(error)));
    socket.on('close', () => finish(Buffer.alloc(0)));
    socket.on('data', (data: Buffer) => finish(data));
    socket.on('connect', () => {
      connected = true;
      clearTimeout(timer);
      timer = setTimeout(() => finish(Buffer.alloc(0)), send ? WITHIN_MS : GREETING_MS);
      if (send) socket.write(send);
    });
  });
}

function whyNot(error: unknown): Answer {
  switch (codeOf(error)) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'unknown host';
    case 'ECONNREFUSED':
      return 'refused';
    case undefined:
    default:
      return 'unreachable';
  }
}

function speaksTls({ host, port }: Node): Promise<boolean> {
  return new Promise((resolve) => {
    // Nothing is sent over this connection, so it doesn't matter whose certificate it is.
    const socket: Socket = connectTls({ host, port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    const finish = (answer: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => finish(false), WITHIN_MS);
    socket.on('secureConnect', () => finish(true));
    // An alert comes from a server that speaks TLS.
    socket.on('error', (error) => finish(/ALERT/i.test(codeOf(error) ?? '')));
    socket.on('close', () => finish(false));
  });
}

/** Why a server can't be used. */
export interface Explanation {
  /** A sentence without its subject, the setting, and without its full stop. */
  readonly why: string;
  /** Whether the setting must be changed: waiting doesn't help. */
  readonly wrong: boolean;
}

/** Judges what answers at an address: undefined if it is the server that is wanted, `absent` if there is no server. */
export interface Judge {
  readonly wanted: string;
  readonly judge: (answer: Answer, at: string) => Explanation | 'absent' | undefined;
}

/**
 * Explains why no server of an address can be used: the first reason by which the setting is wrong, else that none answers.
 * Returns undefined if one of the servers answers as it should.
 */
export async function whyUnusable(
  nodes: readonly Node[],
  shown: string,
  { wanted, judge }: Judge,
): Promise<Explanation | undefined> {
  const found = await Promise.all(nodes.map(async (node) => judge(await whatAnswers(node), nodeText(node))));
  if (found.includes(undefined)) return undefined;
  const explained = found.filter((one) => typeof one === 'object');
  const absent = { why: `no ${wanted} answers at ${shown}`, wrong: false };
  return explained.find(({ wrong }) => wrong) ?? (explained.length === found.length ? explained[0] : absent);
}

/** The server that an event store's address should have. */
export const judgeEventStore = (tls: boolean): Judge => ({
  wanted: 'server',
  judge: (answer, at) => {
    if (answer !== 'tls' && answer !== 'http2') return other(answer, at, 'an event store');
    if ((answer === 'tls') === tls) return undefined;
    return tls
      ? { why: `the server at ${at} doesn't speak TLS: add the option tls=false (esdb://${at}?tls=false)`, wrong: true }
      : { why: `the server at ${at} speaks only TLS: remove the option tls=false`, wrong: true };
  },
});

/** The server that a broker's address should have. */
export const judgeNats: Judge = {
  wanted: 'nats-server',
  judge: (answer, at) => (answer === 'nats' ? undefined : other(answer, at, 'a nats-server')),
};

const PROGRAMS: Readonly<Partial<Record<Answer, string>>> = {
  nats: 'a nats-server',
  http: 'an HTTP server',
  http2: 'an event store, or another server of HTTP/2,',
  tls: 'a server that speaks TLS',
};

function other(answer: Answer, at: string, wanted: string): Explanation | 'absent' {
  if (answer === 'unknown host') return { why: `the host of ${at} is not known: check its name`, wrong: false };
  const program = PROGRAMS[answer];
  return program === undefined
    ? 'absent'
    : { why: `${program} answers at ${at}, not ${wanted}: check the port`, wrong: true };
}

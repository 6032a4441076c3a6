import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { baseOf, tokenOf } from '../../support/agora';
import { send } from '../http';
import { inTenant } from './world';

interface Call {
  /** The SDK's function that sent it. */
  readonly function: string;
  /** Whose token it has. */
  readonly by: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
  readonly answer: unknown;
}

interface Preflight {
  readonly path: string;
  readonly method: string;
  readonly headers: string;
}

interface Recording {
  readonly calls: readonly Call[];
  readonly preflights: readonly Preflight[];
}

/** Numbers that are others each time. */
const VOLATILE = ['timestamp', 'duration', 'created', 'joined_time', 'expire'];
/** Ids and cursors that later calls send, by the fields of answers that have them. Files count from 1. */
const NAMED: Readonly<Record<string, string>> = { groupid: 'group', cursor: 'cursor' };

/** What a replay knows by other names than the recording. */
class Names {
  private readonly byValue = new Map<string, string>();
  private readonly counts = new Map<string, number>();

  constructor(base: string, org: string, app: string) {
    this.byValue.set(base, '{base}').set(`${org}#${app}`, '{org}#{app}');
    this.constant = { organization: [org, '{org}'], applicationName: [app, '{app}'] };
  }

  private readonly constant: Readonly<Record<string, readonly [string, string]>>;

  /** A recorded text, with the values of this replay. */
  filled(text: string): string {
    return [...this.byValue].reduce((filled, [value, name]) => filled.replaceAll(name, value), text);
  }

  /** An answer of this replay, as the recording writes it. */
  read(value: unknown, key = ''): unknown {
    if (Array.isArray(value)) return value.map((entry) => this.read(entry));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, this.read(entry, name)]));
    if (typeof value === 'number') return VOLATILE.includes(key) && value >= 0 ? '{number}' : value;
    return typeof value === 'string' ? this.text(value, key) : value;
  }

  private text(value: string, key: string): string {
    if (key === 'application') return '{application}';
    if (key === 'last_modified') return '{number}';
    const [own, name] = this.constant[key] ?? [];
    if (name !== undefined && value === own) return name;
    const kind = NAMED[key];
    if (kind !== undefined && !this.byValue.has(value)) {
      const count = (this.counts.get(kind) ?? 0) + 1;
      this.counts.set(kind, count);
      this.byValue.set(value, `{${kind} ${count}}`);
    }
    return [...this.byValue].reduce((read, [known, shown]) => read.replaceAll(known, shown), value);
  }
}

const parsed = (text: string): unknown => (text.startsWith('{') ? (JSON.parse(text) as unknown) : text);

const recordingOf = (sdk: string): Recording =>
  JSON.parse(readFileSync(join(__dirname, `../recorded/${sdk}.json`), 'utf8')) as Recording;

/** The vendors' web SDKs, recorded under jsdom, and the server SDK for Java. */
describe.each(['agora-chat-1.4.0', 'easemob-websdk-4.21.1', 'im-sdk-core-0.6.6'])('the calls of %s', (sdk) => {
  const tenant = inTenant();
  const { calls, preflights } = recordingOf(sdk);

  test('have the answers, whole, that the SDK could read', async () => {
    const { url, keys } = tenant.in('agora');
    const base = `${url}${baseOf(keys, 'agora')}`;
    const names = new Names(base, keys.org, keys.app);
    for (const call of calls) {
      const headers = {
        ...call.headers,
        Authorization: `Bearer ${tokenOf(keys, call.by === 'the app' ? undefined : call.by)}`,
      };
      const answer = await send(`${base}${names.filled(call.path)}`, call.method, headers, names.filled(call.body));
      const { function: name, status } = call;
      expect({ name, status: answer.status, answer: names.read(parsed(answer.text)) }).toEqual({
        ...{ name, status, answer: call.answer },
      });
      if ('origin' in call.headers) expect(answer.headers['access-control-allow-origin']).toBe('*');
    }
  });

  if (preflights.length === 0) return;

  test('have preflights that allow their methods and headers', async () => {
    const { url, keys } = tenant.in('agora');
    for (const { path, method, headers } of preflights) {
      const answer = await send(`${url}${baseOf(keys, 'agora')}${path}`, 'OPTIONS', {
        Origin: 'http://page.example',
        'Access-Control-Request-Method': method,
        'Access-Control-Request-Headers': headers,
      });
      expect(answer.status).toBe(204);
      const listed = (name: string) => String(answer.headers[name]).toLowerCase().split(', ');
      expect(listed('access-control-allow-methods')).toContain(method.toLowerCase());
      expect(listed('access-control-allow-headers')).toEqual(
        expect.arrayContaining(headers.toLowerCase().split(/ *, */)),
      );
    }
  });
});

import { decodeProtectedHeader, jwtVerify } from 'jose';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './main';

const bytes = (text: string) => new TextEncoder().encode(text);

async function ran(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(args, env, { result: (text) => out.push(text), error: (text) => err.push(text) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const claims = async (token: string, secret: string) => (await jwtVerify(token, bytes(secret))).payload;

describe('cohort token', () => {
  test("makes a user's token of the demo app, signed with HS512, for a day", async () => {
    const { code, out, err } = await ran(['token', '--app', 'demo', '--user', '20']);
    expect([code, err]).toEqual([0, '']);
    expect(decodeProtectedHeader(out)).toEqual({ alg: 'HS512', typ: 'JWT' });
    const { iat, exp, ...others } = await claims(out, 'demo-secret');
    expect(others).toEqual({ app: 'demo', sub: '20' });
    expect(exp! - iat!).toBe(86_400);
  });

  test("makes an admin's token, of a user or of nobody, and one that never expires", async () => {
    const { out } = await ran(['token', '--app', 'demo', '--admin', '--expires', 'never']);
    expect(await claims(out, 'demo-secret')).toEqual({ app: 'demo', role: 2, iat: expect.any(Number) as unknown });
    const both = await ran(['token', '--app', 'demo', '--user', '20', '--admin']);
    expect(await claims(both.out, 'demo-secret')).toMatchObject({ sub: '20', role: 2 });
  });

  describe('with an APPS_FILE', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cohort-token-'));
    const APPS_FILE = join(folder, 'apps.json');
    writeFileSync(
      APPS_FILE,
      JSON.stringify({
        apps: [
          { id: 'shop', lanying: { appId: 'k', secret: 'its own secret', adminRoles: [7, 8] } },
          ...[{ id: 'bare' }, { id: 'keys', lanying: { appId: 'l', jwks: { keys: [] } } }],
        ],
      }),
    );
    afterAll(() => rmSync(folder, { recursive: true }));

    test('it has the keys of the app there', async () => {
      const { out } = await ran(['token', '--app', 'shop', '--admin'], { APPS_FILE });
      expect(await claims(out, 'its own secret')).toMatchObject({ app: 'k', role: 7 });
    });

    test('an app that is not there, or has no keys, is an error', async () => {
      expect(await ran(['token', '--app', 'demo', '--admin'], { APPS_FILE })).toEqual({
        ...{ code: 1, out: '' },
        err: `There is no app "demo" in ${APPS_FILE} (--app is the app's id, not its lanying.appId).`,
      });
      expect(await ran(['token', '--app', 'bare', '--admin'], { APPS_FILE })).toMatchObject({
        ...{ code: 1, out: '' },
        err: 'The app "bare" has no lanying.appId and lanying.secret; tokens are signed with appId and secret.',
      });
      const noSecret = await ran(['token', '--app', 'keys', '--admin'], { APPS_FILE });
      expect(noSecret.err).toContain('The app "keys" has no lanying.secret;');
      const noFile = await ran(['token', '--app', 'shop', '--admin'], { APPS_FILE: '' });
      expect(noFile.err).toContain('There is no app "shop" in the service without APPS_FILE');
    });
  });

  test.each([
    [[], '--app is required.'],
    [['--app', 'demo'], '--user or --admin is required.'],
    [['--app', 'demo', '--user', ''], '--user must be an id of 1 to 64 characters.'],
    [['--app', 'demo', '--admin', '--expires', '1 hour ago'], '--expires must be a number of s, m, h or d'],
    [['--app', 'demo', '--admin', 'x'], 'x is no option.'],
    [['--app', 'demo', '--nope'], "Unknown option '--nope'"],
  ])('with the arguments %j prints its usage', async (args, message) => {
    const { code, out, err } = await ran(['token', ...args]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(err).toContain('Usage: npx cohort token --app <id>');
  });
});

test('an import of a file that is not there is one line, before anything is connected', async () => {
  const missing = join(tmpdir(), 'nosuch.ndjson');
  expect(await ran(['import', missing, '--app', 'demo', '--nats', 'nats://127.0.0.1:1'])).toEqual({
    ...{ code: 1, out: '' },
    err: `The file ${missing} can't be read: ENOENT: no such file or directory, open '${missing}'`,
  });
});

test('without a command, or with an unknown one, the usage is an error; help is none', async () => {
  for (const args of [[], ['nope'], ['toString']]) expect(await ran(args)).toMatchObject({ code: 2, out: '' });
  expect((await ran(['tokn'])).err).toMatch(/^Unknown command tokn\.\nUsage:/);
  for (const option of ['--help', '-h']) {
    const usage = await ran(['token', option]);
    expect([usage.code, usage.out]).toEqual([0, expect.stringMatching(/^Usage: npx cohort token --app <id>/)]);
  }
  const { code, out } = await ran(['--help']);
  expect(code).toBe(0);
  expect(out).toContain('npx cohort token --app <id>');
});

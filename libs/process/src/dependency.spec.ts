import pino from 'pino';
import { waitedFor, type Dependency } from './dependency';
import { Readiness } from './readiness';

class Away extends Error {}

const logged: string[] = [];
const logger = pino(
  { level: 'info' },
  { write: (line) => void logged.push((JSON.parse(line) as { msg: string }).msg) },
);
const store: Dependency = { name: 'store', setting: 'STORE_URL', isAway: (error) => error instanceof Away };
let readiness: Readiness;
const whyOf = (name: string) => readiness.findings().find((finding) => finding.name === name)?.why;

beforeEach(() => {
  logged.length = 0;
  readiness = new Readiness();
});

test('a dependency that is away is waited for, its check says why, and the log says it once', async () => {
  const seen: (string | undefined)[] = [];
  const connect = () => {
    seen.push(whyOf('store'));
    return seen.length < 4 ? Promise.reject(new Away('connection refused')) : Promise.resolve('connected');
  };
  expect(await waitedFor({ readiness, logger }, store, connect)).toBe('connected');
  expect(seen).toEqual(['connecting', ...Array<string>(3).fill('waiting: connection refused')]);
  expect(readiness.findings().map(({ name }) => name)).toEqual(['process']);
  expect(logged).toEqual(['store: waiting until it can be reached', 'store: connected']);
});

test('an error that waiting does not end, ends the start with the name of the setting', async () => {
  const connect = () => Promise.reject(new Error('the password is wrong'));
  await expect(waitedFor({ readiness, logger }, store, connect)).rejects.toMatchObject({
    name: 'StartError',
    message: 'STORE_URL: the password is wrong',
  });
});

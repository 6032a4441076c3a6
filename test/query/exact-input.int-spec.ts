import { connect, type NatsConnection } from 'nats';
import { FIRST_START_MS, newTenant, sharedService } from '../support/service';

let app: string;
let client: NatsConnection;

beforeAll(async () => {
  const [{ natsUrl }, tenant] = await Promise.all([sharedService(), newTenant()]);
  app = tenant.id;
  client = await connect({ servers: natsUrl });
  const body = { app, actor: { type: 'service' }, groupId: 'g', name: 'n', owner: 'ann' };
  const created = await client.request('group.v1.command.create', JSON.stringify(body), { timeout: 20_000 });
  const { position } = created.json<{ position: string }>();
  await ask('group', JSON.stringify({ groupId: 'g', after: position }));
  // The user's sync 0.
  const sync = { app, actor: { type: 'service' }, userId: 'bob', groups: [] };
  await client.request('group.v1.command.syncUser', JSON.stringify(sync), { timeout: 20_000 });
}, FIRST_START_MS);
afterAll(() => client?.close());

/** The answer; of an error its code and fields. The body's text is sent as it is, with the tenant in front. */
async function ask(name: string, body: string): Promise<unknown> {
  const text = `{"app":"${app}",${body.slice(1)}`;
  const answer = (await client.request(`group.v1.query.${name}`, text, { timeout: 20_000 })).json<{
    error?: { code: string; details?: { fields?: { field: string }[] } };
  }>();
  const { error } = answer;
  return error ? [error.code, ...(error.details?.fields ?? []).map(({ field }) => field)] : answer;
}

const NO_NUMBERS = [
  ...['true', 'false', 'null', '[5]', '["5"]', '{}', '{"toString":5}', '{"valueOf":5,"toString":"x"}'],
  ...['"0x10"', '"1e1"', '"5.0"', '" 5"', '"5 "', '"+5"', '"-5"', '"05"', '""', '"NaN"', '"five"'],
  ...['1.5', '1e21', '1e400', '-0', '-1', '9007199254740993', '"9007199254740993"'],
];

const FIVE = ['5', '5.0', '50e-1', '0.5e1'];

describe.each<[name: string, field: string, body: string, whole?: readonly string[]]>([
  ['members', 'limit', '{"groupId":"g",'],
  ['events', 'limit', '{"groupId":"g",'],
  ['userGroups', 'page', '{"userId":"ann",'],
  ['userSync', 'sync', '{"userId":"bob",', ['0', '0.0', '0e1']],
  ['userSync', 'waitMs', '{"userId":"bob","sync":0,'],
])('the query %s', (name, field, body, whole = FIVE) => {
  it.each(NO_NUMBERS)(`rejects %s as ${field}, and names it`, async (value) => {
    expect(await ask(name, `${body}"${field}":${value}}`)).toEqual(['VALIDATION_FAILED', field]);
  });

  it(`takes a whole number as ${field}, in every form that JSON has for it`, async () => {
    for (const value of whole) {
      expect(await ask(name, `${body}"${field}":${value}}`)).toBeInstanceOf(Object);
      expect(await ask(name, `${body}"${field}":${value}}`)).not.toBeInstanceOf(Array);
    }
  });
});

it('limit and page may be decimals as texts', async () => {
  expect(await ask('members', '{"groupId":"g","limit":"5"}')).toMatchObject({ total: 1 });
  expect(await ask('userGroups', '{"userId":"ann","page":"0"}')).toMatchObject({ total: 1 });
});

it('a hot query rejects what its DTO rejects', async () => {
  const hot = '{"groupId":"g","userId":"ann"';
  expect(await ask('isMember', `${hot}}`)).toEqual({ isMember: true, role: 'owner' });
  for (const name of ['toString', 'hasOwnProperty', 'valueOf', '__proto__', 'constructor', '__defineGetter__']) {
    expect(await ask('isMember', `${hot},"${name}":"x"}`)).toEqual(['VALIDATION_FAILED', name]);
  }
  expect(await ask('isMember', `${hot},"userId":"bob"}`)).toEqual(['VALIDATION_FAILED', 'userId']);
  expect(await ask('isMember', '{"groupId":"g","userId":5}')).toEqual(['VALIDATION_FAILED', 'userId']);
});

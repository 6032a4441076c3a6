import { openText, type CommandName, type PersonalText } from '@cohort/contracts';
import { OutcomeUnknown, StoreUnavailable } from '@cohort/event-store';
import type { CommandRequest } from './command-request';
import { PersonalTexts } from './personal-texts';

const key = new Uint8Array(32).fill(9);
const asked: string[] = [];
const texts = new PersonalTexts({
  forSealing: (app, userId) => {
    asked.push(`${app}/${userId}`);
    return Promise.resolve({ keyId: `${app}/${userId}#1`, key });
  },
});
beforeEach(() => void asked.splice(0));

const request = (type: CommandName, data: object, commandId = 'c-1'): CommandRequest =>
  ({
    type,
    data: { app: 'demo', actor: { type: 'service' }, groupId: 'g', commandId, ...data },
    app: { id: 'demo' },
    commandId,
    commandHash: 'of the plain text',
    deadline: 1,
  }) as unknown as CommandRequest;
const name = (displayName: string, more: object = {}, commandId?: string) =>
  request('setDisplayName', { userId: 'ann', displayName, ...more }, commandId);
const entries = (map: Record<string, string>) => Object.entries(map).map(([key, text]) => ({ key, text }));
const nameIn = ({ data }: CommandRequest) => (data as unknown as { displayName: PersonalText }).displayName;

test('a text is sealed with the key of the user whose text it is', async () => {
  const sealed = await texts.seal(name('Ann'));
  expect(asked).toEqual(['demo/ann']);
  expect(nameIn(sealed)).toMatchObject({ enc: 'A256GCM', keyId: 'demo/ann#1' });
  expect(openText(nameIn(sealed), key)).toBe('Ann');
  expect(JSON.stringify(sealed)).not.toContain('"Ann"');
});

test('each text of a list is sealed, under its key', async () => {
  const { data } = await texts.seal(
    request('setMemberExtra', { userId: 'ann', set: entries({ a: 'x', b: '', c: 'x' }) }),
  );
  const [a, b, c] = (data as unknown as { set: { text: PersonalText }[] }).set.map(({ text }) => text);
  expect([a, c]).toEqual([expect.objectContaining({ enc: 'A256GCM' }), expect.objectContaining({ enc: 'A256GCM' })]);
  expect(c).not.toEqual(a);
  expect(b).toBe('');
});

test('a command without personal text, and one with an empty text, is returned as it is, and no key is read', async () => {
  for (const plain of [request('join', { userId: 'ann' }), name(''), request('setMemberExtra', { userId: 'ann' })])
    expect(await texts.seal(plain)).toBe(plain);
  expect(asked).toEqual([]);
});

test('the hash is that of the sealed command: the same for a repeat, another one for another text or group', async () => {
  const hashOf = async (command: CommandRequest) => (await texts.seal(command)).commandHash;
  const hash = await hashOf(name('Ann'));
  expect(hash).toMatch(/^[0-9a-f]{16}$/);
  expect(await hashOf(name('Ann', { expectedRevision: '3' }, 'c-2'))).toBe(hash);
  expect(await hashOf(name('Bob'))).not.toBe(hash);
  expect(await hashOf(name('Ann', { groupId: 'h' }))).not.toBe(hash);
});

test.each([
  ['can not be reached', new StoreUnavailable('gone')],
  ['does not answer whether it wrote the key', new OutcomeUnknown('?')],
])('an event store that %s ends the command, of which nothing was written', async (_what, error) => {
  const failing = new PersonalTexts({ forSealing: () => Promise.reject(error) });
  await expect(failing.seal(name('Ann'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

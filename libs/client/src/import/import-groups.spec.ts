import { setTimeout as sleep } from 'node:timers/promises';
import { CohortError } from '@cohort/contracts';
import type { CohortClient } from '../cohort-client';
import { importGroups } from './import-groups';
import { ImportLineError } from './lines';

type Answers = (name: string, data: { readonly chunk?: number }) => unknown;

const clientThat = (answers: Answers): CohortClient => {
  const answer = async (name: string, data: object) => {
    await Promise.resolve();
    return answers(name, data);
  };
  return { command: answer, query: answer } as unknown as CohortClient;
};

const position = '1';
const accepts: Answers = (name) => (name === 'importStatus' ? { chunks: 0 } : { position });

async function* given(...lines: readonly object[]): AsyncGenerator<string> {
  await Promise.resolve();
  for (const line of lines) yield JSON.stringify(line);
}

const group = { group: { groupId: 'g', name: 'Sales', owner: 'ann' } };
const members = (count: number) => Array.from({ length: count }, (_, i) => ({ userId: `u${i}` }));
const failureOf = (answers: Answers, ...lines: readonly object[]): Promise<ImportLineError> =>
  importGroups(clientThat(answers), given(...lines), { app: 'demo' }).then(
    () => Promise.reject(new Error('it was imported')),
    (error: unknown) => {
      if (error instanceof ImportLineError) return error;
      throw error;
    },
  );

/** No rejection of a chunk is left over, however late it comes. */
let unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeEach(() => {
  unhandled = [];
  process.on('unhandledRejection', note);
});
afterEach(() => void process.off('unhandledRejection', note));

test('an import counts each user once, and neither the owner nor blocked users', async () => {
  const lines = [{ userId: 'bob' }, { userId: 'bob' }, { userId: 'ann' }, { userId: 'eve', blocked: true }];
  const progress: unknown[] = [];
  const options = { app: 'demo', onProgress: (each: unknown) => void progress.push(each) };
  expect(await importGroups(clientThat(accepts), given(group, ...lines), options)).toEqual({ groups: 1, members: 1 });
  expect(progress.at(-1)).toEqual({ groupId: 'g', members: 1, done: true });
});

test('an invalid member of a later chunk is reported with its line and group', async () => {
  const invalid = new CohortError('VALIDATION_FAILED', 'members.200.joinedAt must be a time; and 3 more', {
    fields: [{ field: 'members.200.joinedAt', message: 'members.200.joinedAt must be a time' }],
    more: 3,
  });
  const answers: Answers = (name, data) => {
    if (data.chunk === 1) throw invalid;
    return accepts(name, data);
  };
  const error = await failureOf(answers, group, ...members(1_200));
  expect(error.message).toBe('Line 702 (group g): joinedAt must be a time (and 3 more in this chunk)');
  expect([error.line, error.cause]).toEqual([702, invalid]);
});

test('a refused group, chunk or completion is reported with its lines, its group and the code', async () => {
  const full = new CohortError('CAPACITY_REACHED', 'The group is full.');
  const refusing =
    (refused: string): Answers =>
    (name, data) => {
      if (name === refused) throw full;
      return accepts(name, data);
    };
  const remedy =
    'CAPACITY_REACHED: The group is full. Raise it with the command changeCapacity, then run the same file again; leave its group line as it is.';
  const lines = [group, ...members(3)];
  expect((await failureOf(refusing('importGroup'), ...lines)).message).toBe(`Line 1 (group g): ${remedy}`);
  expect((await failureOf(refusing('importMembers'), ...lines)).message).toBe(`Lines 2 to 4 (group g): ${remedy}`);
  expect((await failureOf(refusing('completeImport'), ...lines)).message).toBe(`Line 1 (group g): ${remedy}`);
});

test('after a failure, the chunks in flight are retried no more, and leave no unhandled rejection', async () => {
  const sent: (number | undefined)[] = [];
  let fail: () => void = () => undefined;
  const failed = new Promise<void>((resolve) => (fail = resolve));
  const answers: Answers = async (name, data) => {
    if (name !== 'importMembers') return accepts(name, data);
    sent.push(data.chunk);
    if (data.chunk === 0) {
      await new Promise(setImmediate);
      throw new CohortError('VALIDATION_FAILED', 'wrong');
    }
    await failed;
    throw new CohortError('UNAVAILABLE', 'closed');
  };
  const error = await failureOf(answers, group, ...members(2_000));
  expect(error.message).toBe('Lines 2 to 501 (group g): wrong');
  fail();
  // Longer than the pause before a first retry.
  await sleep(100);
  expect(sent).toEqual([0, 1, 2, 3]);
  expect(unhandled).toEqual([]);
});

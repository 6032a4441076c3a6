import type { FollowOptions } from '@cohort/event-store';
import { NumbersDuty, type NumbersOptions } from './numbers-duty';

/** A duty for these tenants, and the subscriptions that it began. */
function dutyFor(...apps: readonly { readonly id: string; readonly numericUserIds?: boolean }[]) {
  const followed: FollowOptions[] = [];
  const store = {
    async *read() {
      yield* await Promise.resolve([]);
    },
    head: () => Promise.resolve('0'),
    append: () => Promise.reject(new Error('nothing is saved')),
    setMaxCount: () => Promise.resolve(),
    follow: (options: FollowOptions) => {
      followed.push(options);
      return new Promise<void>((resolve) => options.signal.addEventListener('abort', () => resolve()));
    },
  };
  const options = {
    ...{ store, apps: { all: apps }, log: { warn: () => undefined, info: () => undefined } },
    ...{ subscription: {}, client: {}, setAside: {}, onFault: () => undefined },
  };
  return { duty: new NumbersDuty(options as unknown as NumbersOptions), followed };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 20));

test('the log is not followed if no tenant wants numbers', async () => {
  const { duty, followed } = dutyFor({ id: 'a' }, { id: 'b', numericUserIds: false });
  duty.start();
  await turn();
  await duty.stop();
  expect(followed).toEqual([]);
});

test('the log is followed for one tenant that wants numbers', async () => {
  const { duty, followed } = dutyFor({ id: 'a' }, { id: 'b', numericUserIds: true });
  duty.start();
  await turn();
  await duty.stop();
  expect(followed.map(({ prefixes }) => prefixes)).toEqual([['group-']]);
});

import { turnEnd } from './turn-end';

test('calls of one turn resolve together and in order, and a later call waits for its own turn', async () => {
  const endOfTurn = turnEnd();
  const resolved: string[] = [];
  const first = endOfTurn().then(() => resolved.push('first'));
  const second = endOfTurn().then(() => resolved.push('second'));
  await Promise.resolve();
  expect(resolved).toEqual([]);
  await Promise.all([first, second]);
  expect(resolved).toEqual(['first', 'second']);
  const third = endOfTurn().then(() => resolved.push('third'));
  await Promise.resolve();
  expect(resolved).toHaveLength(2);
  await third;
  expect(resolved).toHaveLength(3);
});

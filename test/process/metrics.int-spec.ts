import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startStack, type Stack } from '../support/stack';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
}, 180_000);
afterAll(() => stack?.stop());

test('docs/operations.md names the metrics that processes have, and no others', async () => {
  const { command, queries, worker, gateway } = stack;
  const there = new Set<string>();
  for (const { healthUrl } of [command, ...queries, worker, gateway]) {
    const text = await (await fetch(`${healthUrl}/metrics`)).text();
    for (const [, name] of text.matchAll(/^# TYPE (cohort_\w+)/gm)) there.add(name!);
  }
  const page = readFileSync(join(__dirname, '../../docs/operations.md'), 'utf8');
  const named = [...page.matchAll(/`(cohort_\w+)(\{\w+(,\w+)*\})?`/g)].map(([, name]) => name!);
  expect([...new Set(named)].sort()).toEqual([...there].sort());
});

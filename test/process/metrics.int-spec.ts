import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIRST_START_MS, sharedService } from '../support/service';

test(
  'docs/operations.md lists the metrics of all processes, and no others',
  async () => {
    const { commands, queries, worker, gateway } = await sharedService();
    const there = new Set<string>();
    for (const { healthUrl } of [...commands, ...queries, worker, gateway]) {
      const text = await (await fetch(`${healthUrl}/metrics`)).text();
      for (const [, name] of text.matchAll(/^# TYPE (cohort_\w+)/gm)) there.add(name!);
    }
    const page = readFileSync(join(__dirname, '../../docs/operations.md'), 'utf8');
    const named = [...page.matchAll(/`(cohort_\w+)(\{\w+(,\w+)*\})?`/g)].map(([, name]) => name!);
    expect([...new Set(named)].sort()).toEqual([...there].sort());
  },
  FIRST_START_MS,
);

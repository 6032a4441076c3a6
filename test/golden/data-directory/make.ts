/**
 * Makes a data directory with the build in `dist`, and `<name>.tar.gz` of it beside this file, with what that build
 * answers over it: see README.md.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { GROUP_STREAM_PREFIX, snapshotStream, USER_STREAM_PREFIX } from '@cohort/contracts';
import { connectEventStore, readOne, type EventStore } from '@cohort/event-store';
import { fed, logged } from '../../support/feed';
import { metric } from '../../support/metrics';
import { waitFor } from '../../support/wait-for';
import { firstHalf, secondHalf } from './history';
import { closeLists, openLists, readRest } from './reading';
import { Recorder, type Answers } from './recorder';
import { Service } from './service';

const SNAPSHOT_OF = { app: 'demo', groupId: 'busy' } as const;

async function make(folder: string): Promise<Answers> {
  const dataDir = join(folder, 'data');
  await mkdir(dataDir);
  const service = await Service.over(dataDir, join(folder, 'apps.json'));
  let store: EventStore | undefined;
  try {
    store = await connectEventStore({ url: service.eventStore.url });
    const [command, , worker] = [
      await service.start('command'),
      await service.start('query'),
      await service.start('worker'),
    ];
    const gateway = await service.start('gateway');
    const on = new Recorder(service, gateway.url);

    await firstHalf(on, store);
    await on.visible();
    const lists = await openLists(on);
    await secondHalf(on, store);
    await waitFor(async () => (await metric(command, 'cohort_snapshot_writes_total{outcome="written"}')) > 0);
    const snapshot = await readOne(store, snapshotStream(SNAPSHOT_OF.app, SNAPSHOT_OF.groupId), { backwards: true });
    if (snapshot?.type !== 'snapshotManifest') throw new Error('There is no snapshot.');

    await on.repeatable();
    const head = () => store!.head([GROUP_STREAM_PREFIX, USER_STREAM_PREFIX]);
    const before = await head();
    const commands = await on.repeatable();
    if ((await head()) !== before) throw new Error('A repeat has written something.');

    const groupEvents = await logged(store);
    await waitFor(async () => (await fed(service.client)).length === groupEvents.length);
    await waitFor(async () => (await metric(worker, 'cohort_user_syncs_pending')) === 0);
    await worker.stop();
    const pending = { app: 'demo', userId: 'sue', groupId: 'made by a pending sync' } as const;
    const groups = [{ groupId: pending.groupId, name: 'Pending' }];
    const { sync } = await on.send('syncUser', { app: pending.app, userId: pending.userId, groups });

    await on.visible();
    await closeLists(on, lists);
    await readRest(on);
    return {
      queries: on.queries,
      // A part of the many that the group with the snapshot remembers.
      commands: commands.filter(({ data }, i) => data.groupId !== SNAPSHOT_OF.groupId || i % 4 === 0),
      calls: on.calls,
      pendingSync: { ...pending, sync: Number(sync) },
      snapshotOf: SNAPSHOT_OF,
      fed: groupEvents.length,
    };
  } finally {
    await store?.close();
    await service.stop();
  }
}

async function main(name: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cohort-data-directory-'));
  try {
    await writeFile(join(folder, 'answers.json'), JSON.stringify(await make(folder)));
    const archive = join(__dirname, `${name}.tar.gz`);
    const tar = execFileSync('tar', ['-cf', '-', '-C', folder, 'answers.json', 'data'], {
      maxBuffer: 64 * 1024 * 1024,
    });
    await writeFile(archive, gzipSync(tar, { level: 9 }));
    console.log(archive);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const [name] = process.argv.slice(2);
if (name === undefined) throw new Error('Name it: make.ts <year>-<month>');
void main(name);

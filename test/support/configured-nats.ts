import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats, type TestNats } from './nats-server';

/** A nats-server with a configuration file of these lines. */
export async function startNatsWith(config: string): Promise<Pick<TestNats, 'port' | 'stop'>> {
  const directory = await mkdtemp(join(tmpdir(), 'cohort-nats-conf-'));
  const file = join(directory, 'nats.conf');
  await writeFile(file, config);
  const nats = await startNats({ args: ['--config', file] });
  return {
    port: nats.port,
    stop: async () => {
      await nats.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

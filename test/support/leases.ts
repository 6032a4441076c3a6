import type { JetStreamManager } from 'nats';
import { waitFor } from './wait-for';

const NO_LEASES = 'NO_LEASES';

/** From now on no worker can take a lease, because another stream has the bucket's subjects; so all workers work. */
export async function refuseLeases(manager: JetStreamManager): Promise<void> {
  await waitFor(async () => {
    await manager.streams.delete('KV_COHORT_LEASES').catch(() => undefined);
    // A worker may have made it again just now.
    await manager.streams.add({ name: NO_LEASES, subjects: ['$KV.COHORT_LEASES.>'], max_msg_size: 1 });
    return true;
  });
}

/** Leases can be taken again. */
export async function allowLeases(manager: JetStreamManager): Promise<void> {
  await manager.streams.delete(NO_LEASES);
}

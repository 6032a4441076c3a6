import { StartError } from '@cohort/process';
import {
  judgeEventStore,
  judgeNats,
  proxyFor,
  whyUnusable,
  type EventStoreAddress,
  type NatsAddress,
} from '@cohort/surroundings';

/**
 * Checks that a nats-server answers, before any part is started.
 *
 * @throws StartError none does, or something else answers there
 */
export async function refuseWithoutNats({ nodes, shown }: NatsAddress): Promise<void> {
  refuse('NATS_URL', await whyUnusable(nodes, shown, judgeNats));
}

/**
 * Checks that an event store answers, before any part is started.
 *
 * @throws StartError none does, or something else answers there
 */
export async function refuseWithoutEventStore({ nodes, shown, tls, byName }: EventStoreAddress): Promise<void> {
  // With `+discover`, the host may be the DNS name of a cluster, which no single server answers. So it isn't checked.
  if (byName) return;
  // A server behind a proxy can't be reached without it.
  if (nodes.some(({ host }) => proxyFor(host) !== undefined)) return;
  refuse('EVENTSTORE_URL', await whyUnusable(nodes, shown, judgeEventStore(tls)));
}

function refuse(setting: string, explanation: { readonly why: string } | undefined): void {
  if (explanation) throw new StartError(`${setting}: ${explanation.why}.`);
}

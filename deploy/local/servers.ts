import { StartError } from '@cohort/process';
import {
  judgeEventStore,
  judgeNats,
  proxyFor,
  whyUnusable,
  type EventStoreAddress,
  type NatsAddress,
} from '@cohort/surroundings';
import { natsAnswers } from './nats-server';
import { refuseTakenPort } from './ports';
import { LOOPBACK, type LaunchPlan } from './settings';

/**
 * Rejects settings that can't work, before any part is started.
 *
 * @throws StartError a port is taken, or no server answers at an address
 */
export async function refuseWhatCannotWork({ settings, nats, eventStore }: LaunchPlan): Promise<void> {
  await refuseTakenPort('GATEWAY_PORT', settings.GATEWAY_PORT, settings.GATEWAY_HOST);
  if (settings.WILDFIRECHAT_PORT !== 'off')
    await refuseTakenPort('WILDFIRECHAT_PORT', settings.WILDFIRECHAT_PORT, settings.GATEWAY_HOST, ', or off');
  if (eventStore === undefined) {
    const instead = ', or EVENTSTORE_URL to a server that runs already';
    await refuseTakenPort('EVENTSTORE_PORT', settings.EVENTSTORE_PORT, LOOPBACK, instead);
  } else {
    await refuseWithoutEventStore(eventStore);
  }
  if (nats === undefined) {
    const there = `nats://${LOOPBACK}:${settings.NATS_PORT}`;
    const itsNats = settings.NATS_PORT !== 0 && (await natsAnswers(there));
    const instead = itsNats ? `, or NATS_URL=${there} to use the nats-server that is running there` : '';
    await refuseTakenPort('NATS_PORT', settings.NATS_PORT, LOOPBACK, instead);
  } else {
    await refuseWithoutNats(nats);
  }
}

/**
 * Checks that a nats-server answers.
 *
 * @throws StartError none does, or something else answers there
 */
async function refuseWithoutNats({ nodes, shown }: NatsAddress): Promise<void> {
  refuse('NATS_URL', await whyUnusable(nodes, shown, judgeNats));
}

/**
 * Checks that an event store answers.
 *
 * @throws StartError none does, or something else answers there
 */
async function refuseWithoutEventStore({ nodes, shown, tls, byName }: EventStoreAddress): Promise<void> {
  // With `+discover`, the host may be the DNS name of a cluster, which no single server answers. So it isn't checked.
  if (byName) return;
  // A server behind a proxy can't be reached without it.
  if (nodes.some(({ host }) => proxyFor(host) !== undefined)) return;
  refuse('EVENTSTORE_URL', await whyUnusable(nodes, shown, judgeEventStore(tls)));
}

function refuse(setting: string, explanation: { readonly why: string } | undefined): void {
  if (explanation) throw new StartError(`${setting}: ${explanation.why}.`);
}

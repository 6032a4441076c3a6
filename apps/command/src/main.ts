import { Bus, serveNats } from '@cohort/bus';
import { CohortClient } from '@cohort/client';
import { COMMAND_QUEUE } from '@cohort/contracts';
import { connectEventStore } from '@cohort/event-store';
import { needed, requestDurations, startProcess, VERSION } from '@cohort/process';
import { Gauge } from 'prom-client';
import { CommandModule } from './command.module';
import { GroupMailboxes } from './mailbox';
import { CommandSettings } from './settings';
import { UserSyncs } from './user-sync/user-syncs';

void startProcess({
  title: 'cohort-command',
  settings: CommandSettings,

  module: async (context) => {
    const { settings, readiness, metrics, logger: log } = context;
    const bus = await needed('NATS_URL', Bus.connect({ servers: settings.NATS_URL, name: 'cohort-command' }));
    context.onStop(() => bus.close());
    const store = await needed('EVENTSTORE_URL', connectEventStore({ url: settings.EVENTSTORE_URL, log }));
    context.onStop(() => store.close());

    readiness.add('nats', () => (bus.status === 'connected' ? undefined : 'disconnected'));
    readiness.add('event store', () => (store.status === 'connected' ? undefined : 'disconnected'));
    const mailboxes = new GroupMailboxes({ store, log });
    context.onStop(() => mailboxes.settled());
    new Gauge({
      name: 'cohort_commands_in_flight',
      help: 'Commands that are waiting or being carried out.',
      registers: [metrics],
      collect() {
        this.set(mailboxes.inFlight);
      },
    });
    const userSyncs = new UserSyncs(store, CohortClient.over(bus.connection));
    return CommandModule.with(mailboxes, userSyncs, bus);
  },

  serve: async (app, { metrics }) => {
    const bus = app.get(Bus);
    const server = await serveNats(app, { bus, queue: COMMAND_QUEUE, observe: requestDurations(metrics, 'command') });
    bus.announce({ name: 'cohort-command', version: VERSION, description: 'Chat groups: what shall be' });
    return server;
  },
});

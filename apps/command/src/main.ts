import { Bus, NATS, serveNats, UserDirectories, watchOverlap } from '@cohort/bus';
import { CohortClient } from '@cohort/client';
import { COMMAND_QUEUE } from '@cohort/contracts';
import { connectEventStore, EVENT_STORE, STORE_REPLACED, UserKeys } from '@cohort/event-store';
import { followerWatch, natsOptions, requestDurations, startProcess, VERSION, waitedFor } from '@cohort/process';
import { CommandModule } from './command.module';
import { InFlight } from './in-flight';
import { GroupMailboxes } from './group';
import { Learning } from './learning';
import { CommandMetrics } from './metrics';
import { PersonalTexts } from './personal-texts';
import { UserNumbers } from './numbers/user-numbers';
import { CommandSettings } from './settings';
import { UserBans } from './user-ban/user-bans';
import { UserMailboxes } from './user/user-mailboxes';

void startProcess({
  title: 'cohort-command',
  settings: CommandSettings,

  module: async (context) => {
    const { settings, readiness, metrics, logger: log } = context;
    const options = natsOptions('cohort-command', context);
    const bus = await waitedFor(context, NATS, () => Bus.connect(options));
    context.onStop(() => bus.close());
    watchOverlap(bus, context);
    const observed = new CommandMetrics(metrics, log);
    const { onUnanswered, onOverloaded, observer } = observed;
    const url = settings.EVENTSTORE_URL;
    const onReplaced = (error: Error): void => context.fatal(error, STORE_REPLACED);
    const store = await waitedFor(context, EVENT_STORE, () =>
      connectEventStore({ url, log, onUnanswered, onReplaced }),
    );
    context.onStop(() => store.close());
    const from = await waitedFor(context, EVENT_STORE, () => store.head());

    readiness.add('nats', () => (bus.status === 'connected' ? undefined : 'not connected: check NATS_URL'));
    readiness.add('event store', () =>
      store.status === 'connected' ? store.refuses : 'not connected: check EVENTSTORE_URL',
    );
    readiness.add('stored events', () => observed.damaged, { degraded: true });
    const inFlight = new InFlight({}, onOverloaded);
    const timed = observed.timed(store);
    const groups = new GroupMailboxes({ store: timed, inFlight, observer, log });
    context.onStop(() => groups.settled());
    const stopping = new AbortController();
    context.onStop(() => stopping.abort());
    const subscription = followerWatch(metrics, log, 'retention');
    void groups.follow(store, { from, signal: stopping.signal, subscription });
    const client = CohortClient.over(bus.connection);
    const users = new UserMailboxes({ store: timed, client, inFlight, observer });
    const bans = new UserBans({ store: timed, inFlight, observer });
    const numbers = new UserNumbers({ store: timed, inFlight });
    observed.watch(inFlight, groups);
    const texts = new PersonalTexts(new UserKeys(store));
    const directories = new UserDirectories(bus, { log });
    const learning = new Learning({ directories, inFlight, store, client });
    return CommandModule.with({ groups, users, bans, numbers, texts, learning, bus, metrics: observed });
  },

  serve: async (app, { metrics }) => {
    const bus = app.get(Bus);
    const server = await serveNats(app, {
      bus,
      queue: COMMAND_QUEUE,
      observe: requestDurations(metrics, 'command'),
      onOverloaded: () => app.get(CommandMetrics).onOverloaded('node'),
    });
    bus.announce({ name: 'cohort-command', version: VERSION, description: 'Chat groups: commands' });
    return server;
  },
});

import { Bus, NATS, serveNats, watchOverlap } from '@cohort/bus';
import { QUERY_QUEUE, QUERY_SERVICE } from '@cohort/contracts';
import { connectEventStore, EVENT_STORE, STORE_REPLACED, UserKeys } from '@cohort/event-store';
import {
  followerWatch,
  natsOptions,
  needed,
  requestDurations,
  startProcess,
  VERSION,
  waitedFor,
} from '@cohort/process';
import { ReadModel } from '@cohort/read-model';
import { tightenAll } from '@cohort/surroundings';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { v7 } from 'uuid';
import { Announcer } from './announcer';
import { projectionMetrics } from './metrics';
import { copyUnlessThere, openReadModel } from './open-read-model';
import { Projector } from './projector';
import { QueryLimits } from './query-limits';
import { QueryModule } from './query.module';
import { ANNOUNCED_BEFORE_MS, QueryServer } from './query-server';
import { QuerySettings, readModelFile } from './settings';

/** Milliseconds for which readiness reports a damaged file before the process ends. */
const DAMAGE_SHOWN_MS = 3_000;

/** Set once the node takes queries. */
let serving: QueryServer | undefined;

void startProcess({
  title: 'cohort-query',
  settings: QuerySettings,

  module: async (context) => {
    const { settings, readiness, metrics, logger, fatal } = context;
    const options = natsOptions('cohort-query', context);
    const bus = await waitedFor(context, NATS, () => Bus.connect(options));
    context.onStop(() => bus.close());
    watchOverlap(bus, context);
    const onReplaced = (error: Error): void => fatal(error, STORE_REPLACED);
    const store = await waitedFor(context, EVENT_STORE, () =>
      connectEventStore({ url: settings.EVENTSTORE_URL, log: logger, onReplaced }),
    );
    context.onStop(() => store.close());
    const file = readModelFile(settings);
    tightenAll(dirname(file));
    const from = settings.QUERY_START_FROM;
    if (from !== undefined) await needed('QUERY_START_FROM', copyUnlessThere(from, file, logger));
    const model = await needed('DATA_DIR', openReadModel(file, store, logger));
    context.onStop(() => model.close());

    const announcer = new Announcer(
      (subject, value) => bus.publishJson(subject, value),
      `${settings.QUERY_NODE}-${v7()}`,
      store.storeId,
      () => model.applied.current,
    );
    model.onCommit(() => announcer.committed());
    const projector: Projector = new Projector(model, store, logger, {
      applied: (delaySeconds) => observeDelay(delaySeconds),
      subscription: followerWatch(metrics, logger, 'projection'),
      works: (works) => serving?.works(works),
      damaged: (error) => {
        model.condemn();
        setTimeout(() => fatal(error, "the read model's file is damaged: the next start rebuilds it"), DAMAGE_SHOWN_MS);
      },
    });
    context.onStop(() => projector.stop());
    const { observeDelay } = projectionMetrics(metrics, model, () => projector.lagSeconds());

    readiness.add('nats', () => (bus.status === 'connected' ? undefined : 'not connected: check NATS_URL'));
    readiness.add('projection', () => projector.whyBehind(settings.QUERY_MAX_LAG_SECONDS));
    readiness.add('events', () => model.degraded().join(' ') || undefined, { degraded: true });
    return QueryModule.forRoot({
      ...{ settings, model, projector, store, announcer, bus },
      keys: new UserKeys(store),
      limits: new QueryLimits(metrics),
    });
  },

  serve: async (app, { metrics }) => {
    const bus = app.get(Bus);
    const announcer = app.get(Announcer);
    const model = app.get(ReadModel);
    const projector = app.get(Projector);
    // A read model that isn't complete would deny groups that exist. Other nodes answer meanwhile.
    if (!(await projector.start())) return { close: () => Promise.resolve() };
    // The node is announced before it takes queries and until it takes none, so that writers wait for it.
    // In this time the gateways ask discovery whether the announcement comes from a node.
    bus.announce({
      name: QUERY_SERVICE,
      version: VERSION,
      description: 'Chat groups: queries',
      metadata: announcer.identity,
    });
    announcer.start();
    await delay(ANNOUNCED_BEFORE_MS);
    const server = await serveNats(app, {
      bus,
      queue: QUERY_QUEUE,
      observe: requestDurations(metrics, 'query'),
      onOverloaded: () => app.get(QueryLimits).onOverloaded('node'),
    });
    serving = new QueryServer(server, model, announcer);
    return serving;
  },
});

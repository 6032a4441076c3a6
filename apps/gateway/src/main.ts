import { Bus, NATS, ServiceFinder, UserDirectories, watchOverlap } from '@cohort/bus';
import { CohortClient } from '@cohort/client';
import { QUERY_SERVICE } from '@cohort/contracts';
import { JetStreamFiles } from '@cohort/file-store';
import { natsOptions, requestDurations, startProcess, VERSION, waitedFor } from '@cohort/process';
import { Counter, Gauge } from 'prom-client';
import { countedBodies } from './dialect/metrics';
import { configure } from './dialect/configure';
import { originsOf } from './dialect/cors';
import { GroupService } from './dialect/group-service';
import { KnownNodes } from './dialect/known-nodes';
import { QueryNodes } from './dialect/visibility';
import { DIALECTS } from './dialects';
import { Front } from './front';
import { knownUsers } from './known-users';
import { GatewayModule } from './gateway.module';
import { OwnPorts, type OwnPort } from './own-ports';
import { boundConnections } from './server';
import { GatewaySettings } from './settings';
import { storedFiles } from './stored-files';

/** Within this time each live query node announces itself (once a second at least), in milliseconds. */
const SETTLE_MS = 1_200;

/** The ports of dialects, by the settings. */
const ownPorts = (settings: GatewaySettings): OwnPort[] =>
  DIALECTS.flatMap(({ key, ownPort: setting }) => {
    const port = setting && settings[setting];
    if (setting === undefined || port === undefined || port === 'off') return [];
    return [{ key, address: { host: settings.GATEWAY_HOST, port, setting } }];
  });
let opened: OwnPorts | undefined;

void startProcess({
  title: 'cohort-gateway',
  settings: GatewaySettings,
  http: ({ GATEWAY_HOST: host, GATEWAY_PORT: port }) => ({ host, port, setting: 'GATEWAY_PORT' }),
  health: ({ HEALTH_HOST: host, GATEWAY_HEALTH_PORT: port }) =>
    port === undefined ? undefined : { host, port, setting: 'GATEWAY_HEALTH_PORT' },

  module: async (context) => {
    const { settings, apps, readiness, metrics, logger } = context;
    const serve = configure(DIALECTS, apps.all, settings.APPS_FILE, settings.NODE_ENV === 'production');
    const options = natsOptions('cohort-gateway', context);
    const bus = await waitedFor(context, NATS, () => Bus.connect(options));
    context.onStop(() => bus.close());
    watchOverlap(bus, context);
    bus.announce({ name: 'cohort-gateway', version: VERSION, description: "HTTP: the vendors' group APIs" });
    const client = CohortClient.over(bus.connection, { onFault: (error) => bus.faults.report(error) });

    const queryNodes = new QueryNodes(SETTLE_MS);
    context.onStop(() => queryNodes.close());
    const finder = new ServiceFinder(bus, QUERY_SERVICE, (metadata) => known.found(metadata));
    const known = new KnownNodes(
      () => finder.ask(),
      (applied) => queryNodes.applied(applied),
    );
    context.onStop(() => known.close());
    client.onQueryNodeApplied((applied) => known.announced(applied));

    readiness.add('nats', () => (bus.status === 'connected' ? undefined : 'not connected: check NATS_URL'));
    readiness.add('queries', () =>
      queryNodes.size > 0
        ? undefined
        : 'reads get no answer: no query node announces itself; check that one runs and is connected to NATS',
    );
    new Gauge({
      name: 'cohort_gateway_query_nodes',
      help: 'Query nodes that are live, as their announcements say.',
      registers: [metrics],
      collect() {
        this.set(queryNodes.size);
      },
    });
    const notVisible = new Counter({
      name: 'cohort_gateway_writes_not_visible_total',
      help: 'Writes that were answered before every live query node had them, because the wait has a bound.',
      registers: [metrics],
    });
    const service = new GroupService(
      client,
      queryNodes,
      () => notVisible.inc(),
      knownUsers(apps, new UserDirectories(bus, { log: logger })),
    );
    const bodies = countedBodies(metrics, settings.GATEWAY_BODIES_MAX_BYTES);
    const origins = originsOf(settings.CORS_ORIGINS);
    const { FILES_MAX_BYTES: maxBytes, FILES_REPLICAS: replicas } = settings;
    const store = new JetStreamFiles(bus.connection, { maxBytes, replicas });
    const files = storedFiles(store, apps, settings.UPLOAD_MAX_BYTES);
    const publicUrl = settings.PUBLIC_URL?.replace(/\/+$/, '');
    const parts = { bodies, origins, files, publicUrl };
    const front = new Front(DIALECTS, serve, service, requestDurations(metrics, 'http'), parts);
    return GatewayModule.with(front);
  },

  configure: (app, { settings }) => {
    app.disable('x-powered-by');
    app.set('etag', false);
    boundConnections(app.getHttpServer(), settings.GATEWAY_MAX_CONNECTIONS);
    app.get(Front).mount(app);
  },

  serve: async (app, { settings }) => {
    opened = await OwnPorts.open(ownPorts(settings), (key) => {
      const server = app.get(Front).serverOf(key);
      boundConnections(server, settings.GATEWAY_MAX_CONNECTIONS);
      return server;
    });
    return opened;
  },

  announce: (url, { settings }) => ({
    dialects: DIALECTS.map(({ key, title, demo }) => ({
      title,
      ...(opened?.urlOf(key) === undefined ? {} : { url: opened.urlOf(key) }),
      ...(settings.APPS_FILE === undefined ? { demo: { keys: demo.keys, curl: demo.curl(url) } } : {}),
    })),
  }),
});

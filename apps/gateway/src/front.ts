import { VERSION, type Observe } from '@cohort/process';
import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Dialect } from './dialect/dialect';
import { BodyBytes } from './dialect/body-bytes';
import { holdBack } from './dialect/expect';
import type { GroupService } from './dialect/group-service';
import { httpMetrics } from './dialect/metrics';
import { openApi } from './dialect/openapi';
import { listener, type Served, type Serving } from './dialect/serve';
import { oneByOne } from './one-by-one';

/** The HTTP side of the gateway: the dialects, their documents at `/docs`, and metrics of every request. */
export class Front {
  private readonly log = new Logger('Dialects');
  private readonly served: readonly Served[];

  constructor(
    private readonly dialects: readonly Dialect[],
    serve: (context: Serving) => readonly Served[],
    service: GroupService,
    private readonly observe: Observe,
    {
      bodies = new BodyBytes(),
      origins = '*',
      files,
      publicUrl,
    }: Partial<Pick<Serving, 'bodies' | 'origins' | 'files' | 'publicUrl'>> = {},
  ) {
    this.served = serve({ service, observe, log: this.log, bodies, origins, files, publicUrl });
  }

  /** Must run before the application is initialised, when Nest adds its answer for unknown routes. */
  mount(app: NestExpressApplication): void {
    app.use(httpMetrics(this.observe));
    SwaggerModule.setup('docs', app, openApi(this.dialects, VERSION), {
      customSiteTitle: 'Cohort',
      // Its own default sends the document to a public validator.
      swaggerOptions: { validatorUrl: 'none' },
    });
    takeRequests(app.getHttpServer(), (nest) => listener(this.served, nest, this.log));
  }

  /** A server of one dialect alone, for a port of its own. Every path is the dialect's there. */
  serverOf(key: string): Server {
    const dialect = this.served[this.dialects.findIndex((one) => one.key === key)];
    if (!dialect) throw new Error(`The dialect ${key} is not served.`);
    const server = createServer();
    takeRequests(server, () => listener([{ ...dialect, claims: () => true }], noTarget, this.log));
    return server;
  }
}

/** A request whose target is no path: `OPTIONS *`. */
const noTarget: RequestListener = (_request, response) => {
  response.writeHead(404, { Connection: 'close', 'Content-Length': 0 }).end();
};

/** Puts a listener before Nest's. No other place touches the server's listeners. */
function takeRequests(server: Server, before: (nest: RequestListener) => RequestListener): void {
  const own = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on(
    'request',
    oneByOne(before((request, response) => own.forEach((listen) => listen.call(server, request, response)))),
  );
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    holdBack(request, response);
    server.emit('request', request, response);
  });
  // Any other expectation is ignored. Node's own answer would read the body to its end.
  server.on('checkExpectation', (...call: [IncomingMessage, ServerResponse]) => server.emit('request', ...call));
}

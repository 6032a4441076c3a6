// A small process with one NATS handler, one HTTP route and one resource to close.
import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { Bus, NATS, NatsController, serveNats } from '@cohort/bus';
import { BaseSettings, IsPort, startProcess, VERSION, waitedFor } from '@cohort/process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

class SampleSettings extends BaseSettings {
  @IsPort()
  SAMPLE_PORT = 0;
}

/** Resolves some time after the stop began, so that a request that awaits it is in flight at the stop. */
const stopping = Promise.race(['SIGTERM', 'SIGINT', 'disconnect'].map((event) => once(process, event))).then(() =>
  delay(300),
);

const { NATS_URL: address } = process.env;

@NatsController()
class SampleHandler {
  @MessagePattern('group.v1.query.sample')
  async answer(@Payload() { slow = false, fault }: { slow?: boolean; fault?: string }): Promise<object> {
    process.send?.({ begun: true });
    if (slow) await stopping;
    if (fault === 'thrown') throw new Error('an internal text');
    if (fault === 'address') throw new Error(`no server at ${address}`);
    // A library may throw anything: this has not even a text.
    if (fault === 'textless') await Promise.reject(Object.create(null) as Error);
    if (fault === 'rejection') void Promise.reject(new Error('nobody catches this'));
    return { slow };
  }
}

@Controller('slow')
class SlowController {
  @Get()
  async slow(): Promise<object> {
    process.send?.({ begun: true });
    await stopping;
    return { slow: true };
  }
}

@Module({ controllers: [SampleHandler, SlowController] })
class SampleModule {}

void startProcess({
  title: 'cohort-sample',
  settings: SampleSettings,
  http: ({ HEALTH_HOST: host, SAMPLE_PORT: port }) => ({ host, port, setting: 'SAMPLE_PORT' }),
  module: async (context) => {
    const { settings, readiness, onStop, logger } = context;
    const options = { servers: settings.NATS_URL, name: 'sample', timeoutMs: 200 };
    const bus = await waitedFor(context, NATS, () => Bus.connect(options));
    onStop(() => bus.close());
    onStop(() => logger.info('closed before the bus'));
    readiness.add('nats', () => (bus.status === 'connected' ? undefined : 'disconnected'));
    bus.announce({ name: 'cohort-sample', version: VERSION, description: 'for a test' });
    return { module: SampleModule, providers: [{ provide: Bus, useValue: bus }] };
  },
  serve: (app) => serveNats(app, { bus: app.get(Bus), queue: 'sample' }),
});

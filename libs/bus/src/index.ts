/** Everything a process needs of NATS, but for the client that other services install (`libs/client`). */
export { Bus, type BusOptions } from './bus';
export type { ServiceInfo } from './discovery';
export * from './jetstream';
export { NoJetStream, WrongSequence } from './jetstream-errors';
export type { Published } from './publish-acks';
export { Lease, type LeaseOptions, type LeaseState } from './lease';
export { NatsController } from './errors';
export { NatsServer, requestHeader, serveNats, type NatsServerOptions } from './nats-server';

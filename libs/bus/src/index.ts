/** NATS for the processes of Cohort. Other services install `libs/client` instead. */
export { Bus, type BusOptions } from './bus';
export { BusUnavailable, NATS } from './explain';
export type { ServiceInfo } from './discovery';
export * from './jetstream';
export { ServiceFinder } from './service-finder';
export { askJetStream, JetStreamWatch, type JetStreamWatchOptions } from './jetstream-watch';
export { watchOverlap } from './overlap-watch';
export type { BusObserver } from './observer';
export { NotStoring, NoJetStream, WrongSequence } from './jetstream-errors';
export type { Published } from './publish-acks';
export { Lease, type LeaseOptions, type LeaseState } from './lease';
export { errorForCaller, NatsController } from './errors';
export { FairTurns } from './fair-turns';
export { UserDirectories, type UserDirectory } from './user-directories';
export { DirectoryAway } from './asked-users';
export { NatsServer, RequestContext, requestHeader, serveNats, type NatsServerOptions } from './nats-server';

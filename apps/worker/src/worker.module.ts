import { Module } from '@nestjs/common';

/** Empty: the worker serves no requests beyond health and metrics, which every process has. */
@Module({})
export class WorkerModule {}

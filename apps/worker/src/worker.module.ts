import { Module } from '@nestjs/common';

/** The worker answers nobody: beside health and metrics, which every process has, it has no routes. */
@Module({})
export class WorkerModule {}

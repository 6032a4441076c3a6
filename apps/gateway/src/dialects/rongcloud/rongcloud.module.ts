import type { AppSettings } from '@cohort/contracts';
import { type DynamicModule, Module } from '@nestjs/common';
import { appsByKey } from '../../shared/apps';
import { APPS } from './call';
import { RongCloudController } from './rongcloud.controller';

/** The dialect of RongCloud's group module (seed 000). Needs a `Cohort`. */
@Module({ controllers: [RongCloudController] })
export class RongCloudModule {
  static forApps(apps: readonly AppSettings[]): DynamicModule {
    const byAppKey = appsByKey(
      apps,
      ({ rongcloud }) => rongcloud,
      ({ appKey }) => appKey,
    );
    return { module: RongCloudModule, providers: [{ provide: APPS, useValue: byAppKey }] };
  }
}

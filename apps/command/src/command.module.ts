import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { Bus } from '@cohort/bus';
import { CommandController } from './command.controller';
import { ExecuteCommand } from './command.handler';
import { GroupMailboxes } from './group';
import { Learning } from './learning';
import { CommandMetrics } from './metrics';
import { PersonalTexts } from './personal-texts';
import { UserNumbers } from './numbers/user-numbers';
import { UserBans } from './user-ban/user-bans';
import { UserMailboxes } from './user/user-mailboxes';

/** The parts that commands need. */
export interface CommandParts {
  readonly groups: GroupMailboxes;
  readonly users: UserMailboxes;
  readonly bans: UserBans;
  readonly numbers: UserNumbers;
  readonly texts: PersonalTexts;
  readonly learning: Learning;
  readonly bus: Bus;
  readonly metrics: CommandMetrics;
}

/** The write side: from a NATS message to an appended event. */
@Module({})
export class CommandModule {
  static with({ groups, users, bans, numbers, texts, learning, bus, metrics }: CommandParts): DynamicModule {
    return {
      module: CommandModule,
      imports: [CqrsModule.forRoot()],
      controllers: [CommandController],
      providers: [
        ExecuteCommand,
        { provide: GroupMailboxes, useValue: groups },
        { provide: UserMailboxes, useValue: users },
        { provide: PersonalTexts, useValue: texts },
        { provide: Learning, useValue: learning },
        { provide: UserBans, useValue: bans },
        { provide: UserNumbers, useValue: numbers },
        { provide: Bus, useValue: bus },
        { provide: CommandMetrics, useValue: metrics },
      ],
    };
  }
}

import { CommandBus } from '@nestjs/cqrs';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { NatsController, RequestContext, requestHeader } from '@cohort/bus';
import { appCommandSubject, COMMANDS, commandSubject, HEADERS } from '@cohort/contracts';
import { Apps } from '@cohort/process';
import { CommandMessage, parseCommand } from './command-request';

/** Both forms of every command's subject; in the tenant form any app. */
const SUBJECTS = Object.keys(COMMANDS).flatMap((name) => [commandSubject(name), appCommandSubject('*', name)]);

/** Takes every command from NATS to the CommandBus. */
@NatsController()
export class CommandController {
  constructor(
    private readonly apps: Apps,
    private readonly commands: CommandBus,
  ) {}

  @MessagePattern(SUBJECTS)
  execute(@Payload() body: unknown, @Ctx() context: RequestContext): Promise<unknown> {
    const incoming = {
      subject: context.getSubject(),
      body,
      timeout: requestHeader(context, HEADERS.timeout),
      traceparent: requestHeader(context, HEADERS.traceparent),
    };
    return this.commands.execute(new CommandMessage(parseCommand(incoming, this.apps, context.receivedAt)));
  }
}

/** Starts `usock-lint server` for Python files, and starts it again when that is needed. */

import { type ChildProcess, spawn } from "node:child_process";
import * as vscode from "vscode";
import { CloseAction, ErrorAction, LanguageClient, State } from "vscode-languageclient/node";
import { CommandError, check, commandFor, late } from "./command";
import { type Targets, choose, described } from "./targets";

const NAME = "usock-lint";
const FIX_ALL = "source.fixAll.usock-lint";

/** How often a server that ends by itself is started again, until the user restarts it. */
const RESTARTS = 2;

/** A client that leaves it to this extension to tell the user what is wrong. */
class Client extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

let client: Client | undefined;
let log: vscode.OutputChannel;
let bar: vscode.StatusBarItem;
let server: ChildProcess | undefined;
let lastError = "";
/** Done when the server's process has ended and its last words are known. */
let closed: Promise<void> = Promise.resolve();
let ended = 0;
/** What is being done to the client; one thing after the other. */
let queue: Promise<void> = Promise.resolve();

/** Called by the editor when the first Python file is opened. */
export function activate(context: vscode.ExtensionContext): void {
  log = vscode.window.createOutputChannel(NAME);
  bar = vscode.window.createStatusBarItem("usock-lint.targets", vscode.StatusBarAlignment.Right, 90);
  bar.name = NAME;
  context.subscriptions.push(
    log,
    bar,
    vscode.commands.registerCommand("usock-lint.restart", restart),
    vscode.commands.registerCommand("usock-lint.showLog", () => log.show()),
    vscode.commands.registerCommand("usock-lint.chooseTargets", chooseTargets),
    vscode.commands.registerCommand("usock-lint.fixAll", fixAll),
    vscode.window.onDidChangeActiveTextEditor(showTargets),
    vscode.workspace.onDidSaveTextDocument(showTargets),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("usock-lint.command")) {
        await restart();
      } else if (event.affectsConfiguration(NAME)) {
        await client?.sendNotification("workspace/didChangeConfiguration", { settings: { [NAME]: settings() } });
        await showTargets();
      }
    }),
  );
  void restart();
}

/** Called by the editor when it ends. */
export async function deactivate(): Promise<void> {
  await stop();
}

function restart(): Promise<void> {
  ended = 0;
  queue = queue.then(stop).then(start);
  return queue;
}

async function start(): Promise<void> {
  const folders = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
  lastError = "";
  closed = Promise.resolve();
  try {
    const configured = vscode.workspace.getConfiguration(NAME).get<string[] | null>("command");
    const command = commandFor(configured ?? [], folders);
    await check(command);
    server = serve(command, folders[0]);
    client = clientOf(server);
    await Promise.race([client.start(), end(), late(command)]);
    if (client.state !== State.Running) {
      throw new Error(); // a client whose connection is closed while it starts does not say so
    }
  } catch (error) {
    const known = error instanceof CommandError;
    const why = known ? error.message : vscode.l10n.t("usock-lint did not start: {0}", await reason(error));
    await stop();
    fail(why);
  }
}

async function stop(): Promise<void> {
  const stopped = client;
  client = undefined;
  try {
    await stopped?.dispose(2_000);
  } catch (error) {
    log.appendLine(String(error)); // it ended before it was told to, or has not begun
    server?.kill("SIGKILL");
  }
}

function clientOf(child: ChildProcess): Client {
  let started = false;
  const made: Client = new Client(NAME, () => Promise.resolve(child), {
    documentSelector: [{ language: "python" }],
    outputChannel: log,
    initializationOptions: { [NAME]: settings() },
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        if (started && client === made) {
          // Later: first the client forgets the server, and what it found.
          setTimeout(() => (queue = queue.then(() => serverEnded(made))), 0);
        }
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
  });
  made.onDidChangeState((event) => {
    if (event.newState === State.Running) {
      started = true;
      void showTargets();
    }
  });
  return made;
}

/** Start the server again, a few times. */
async function serverEnded(of: Client): Promise<void> {
  if (client !== of) {
    return; // the user restarted it meanwhile
  }
  ended += 1;
  await stop();
  if (ended <= RESTARTS) {
    await start();
  } else {
    fail(vscode.l10n.t("usock-lint ended {0} times and is not started again: {1}", ended, await reason()));
  }
}

/** The server's process, of which the last line on standard error is kept. */
function serve(command: readonly string[], folder: string | undefined): ChildProcess {
  const child = spawn(command[0], [...command.slice(1), "server"], { cwd: folder, stdio: "pipe" });
  closed = new Promise((resolve) => child.on("close", () => resolve()).on("error", () => resolve()));
  child.stderr.on("data", (data) => {
    log.append(String(data));
    lastError = String(data).trim().split("\n").at(-1) || lastError;
  });
  return child;
}

/** Throws when the server ends: a client does not notice what ends before it listens, and waits for ever. */
async function end(): Promise<never> {
  await closed;
  throw new Error();
}

/** The last words of the server, which may be still on their way; else what the client says. */
async function reason(error?: unknown): Promise<string> {
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 2_000))]);
  return lastError || (error instanceof Error ? error.message : "") || vscode.l10n.t("it gave no reason");
}

/** Say in one line what is wrong, in a message and in the status bar. */
function fail(line: string): void {
  log.appendLine(line);
  bar.text = "$(warning) usock-lint";
  bar.tooltip = line;
  bar.command = "usock-lint.restart";
  bar.show();
  const again = vscode.l10n.t("Try again");
  const more = vscode.l10n.t("Show the log");
  void vscode.window.showErrorMessage(line, again, more).then((answer) => {
    if (answer === again) {
      void restart();
    } else if (answer === more) {
      log.show();
    }
  });
}

/** The settings as the server takes them. */
function settings(): object {
  const found = vscode.workspace.getConfiguration(NAME);
  const language = found.get<string>("language", "auto");
  return {
    targets: found.get<string[]>("targets", []),
    extendSelect: found.get<string[]>("extendSelect", []),
    lang: language === "auto" ? (vscode.env.language.startsWith("zh") ? "zh" : "en") : language,
  };
}

async function targets(): Promise<Targets | undefined> {
  const document = vscode.window.activeTextEditor?.document;
  if (client?.state !== State.Running || document?.languageId !== "python") {
    return undefined;
  }
  return client.sendRequest<Targets>("usock-lint/targets", { uri: client.code2ProtocolConverter.asUri(document.uri) });
}

async function showTargets(): Promise<void> {
  if (client === undefined) {
    return; // the bar says what is wrong
  }
  const found = await targets().catch(() => undefined);
  if (found) {
    Object.assign(bar, described(found));
    bar.command = "usock-lint.chooseTargets";
    bar.show();
  } else {
    bar.hide();
  }
}

async function chooseTargets(): Promise<void> {
  const found = await targets();
  if (!found) {
    void vscode.window.showInformationMessage(vscode.l10n.t("Open a Python file first."));
    return;
  }
  const configuration = vscode.workspace.getConfiguration(NAME);
  const chosen = await choose(found, configuration.get<string[]>("targets", []));
  if (chosen !== undefined) {
    const value = chosen.length ? chosen : undefined;
    await configuration.update("targets", value, vscode.workspace.workspaceFolders === undefined);
  }
}

async function fixAll(): Promise<void> {
  await vscode.commands.executeCommand("editor.action.codeAction", { kind: FIX_ALL, apply: "first" });
}

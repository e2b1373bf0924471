/** Finds the command that starts usock-lint, and says in one line what is wrong with it. */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { l10n } from "vscode";

/** The release of usock-lint that this extension needs. */
const NEEDED = [0, 1, 0];

/** How long the command may take to say its version. */
const MILLISECONDS = 20_000;

/** How long the server may take to start: it reads more of the disk. */
const START = 60_000;

const INSTALL = 'pip install "usock-lint[lsp]"';

/** What is wrong with the command, in one line. */
export class CommandError extends Error {}

/** The words that start usock-lint: those of the setting, else those of an environment in a folder, else of PATH. */
export function commandFor(setting: readonly string[], folders: readonly string[]): string[] {
  if (setting.length) {
    return [...setting];
  }
  const program = process.platform === "win32" ? "Scripts/usock-lint.exe" : "bin/usock-lint";
  const places = folders.flatMap((folder) => [".venv", "venv"].map((name) => join(folder, name, program)));
  return [places.find((place) => existsSync(place)) ?? "usock-lint"];
}

/** Check that the command is there and new enough. Throws CommandError. */
export async function check(command: readonly string[]): Promise<void> {
  const said = await output([...command, "--version"]);
  const found = /^usock-lint (\d+)\.(\d+)(?:\.(\d+))?/m.exec(said);
  if (!found) {
    throw new CommandError(l10n.t("{0} is not usock-lint: {1}", command.join(" "), INSTALL));
  }
  const version = found.slice(1).map((part) => Number(part ?? 0));
  const differs = version.findIndex((part, index) => part !== NEEDED[index]);
  if (differs >= 0 && version[differs] < NEEDED[differs]) {
    const update = INSTALL.replace("install", "install --upgrade");
    throw new CommandError(l10n.t("usock-lint {0} is too old for this extension: {1}", version.join("."), update));
  }
}

/** Throws CommandError when a server has had the time to start. */
export async function late(command: readonly string[]): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, START));
  throw new CommandError(l10n.t("{0} does not answer", command.join(" ")));
}

function output(command: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command[0], command.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    const late = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new CommandError(l10n.t("{0} does not answer", command.join(" "))));
    }, MILLISECONDS);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data) => (said += data));
    }
    child.on("error", () => {
      clearTimeout(late);
      reject(new CommandError(l10n.t("usock-lint is not installed ({0} is not there): {1}", command[0], INSTALL)));
    });
    child.on("close", () => {
      clearTimeout(late);
      resolve(said);
    });
  });
}

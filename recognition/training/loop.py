"""The training of a model: deterministic by seed and step, resumable after a kill at any instant."""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import torch
from torch import Tensor

from recognition.classes import ClassProfile
from recognition.confidence.priors import Priors
from recognition.crops.cache import CropCache, CropSpec
from recognition.crops.preprocessing import Coding
from recognition.models.config import ModelConfig
from recognition.models.multiview import ModelInput, ModelOutput, MultiViewModel
from recognition.training.batch_statistics import count_statistics
from recognition.training.batches import LabelledBatch, Part, TrainingBatches, moved, plain_batches
from recognition.training.checkpoint import (
    Checkpoint,
    digest,
    load_checkpoint,
    optimizer_tensors,
    pack,
    restore_optimizer,
    save_checkpoint,
    unpack,
)
from recognition.training.config import TrainingConfig
from recognition.training.losses import cross_entropy, margin_loss, mh_loss
from recognition.training.metrics_log import MetricsLog
from recognition.training.parallel import World, shared
from recognition.training.schedule import AveragedWeights, learning_rate
from station.errors import ModelError

_COUNTED, _COUNTED_VIEWS = 288, 5
"""Captures, and views of each, on which the statistics of batch norms are counted before a validation."""


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Crops to learn from and to validate on, the class number of every row of each (-1: not known), the classes.

    ``super_classes`` is the number of each class's family (-1: none), ``tags`` (C, T) which words describe it; both
    empty for a model without those heads.
    """

    train: CropCache
    train_labels: Sequence[int]
    spec: CropSpec
    valid: CropCache
    valid_labels: Sequence[int]
    profiles: Sequence[ClassProfile]
    super_classes: Sequence[int] = ()
    tags: Sequence[Sequence[bool]] = ()


class Watcher(Protocol):
    """Is told how a training goes on."""

    def stepped(self, step: int, total: int, loss: float, views_per_s: float) -> None:
        """Called after every step; ``step`` counts from one."""
        ...

    def validated(self, metrics: Mapping[str, float]) -> None:
        """Called after every validation."""
        ...


def train_model(
    data: TrainingData,
    model_config: ModelConfig,
    config: TrainingConfig,
    folder: Path,
    watcher: Watcher,
    world: World | None = None,
    resume: bool = True,
    start: Mapping[str, Tensor] | None = None,
    stop_after: int | None = None,
) -> dict[str, Tensor]:
    """Train and return the averaged weights that validated best, float32 on the CPU.

    ``world`` are the processes that train together, by default this one alone on the CPU. ``start`` are tensors
    of the model to begin with instead of random ones, all or some; ``stop_after`` ends the training after so many
    epochs of the schedule.
    ``folder`` takes the checkpoint, the best weights and ``metrics.jsonl``. With ``resume`` an interrupted training of
    the same configuration goes on where its checkpoint stands, to the same result; without, what an earlier one left
    there is removed. Raises ModelError when the checkpoint there belongs to another configuration.
    """
    world = world or World(0, 1, torch.device("cpu"))
    folder.mkdir(parents=True, exist_ok=True)
    run = _Run(data, model_config, config, folder, world, start)
    if resume and run.checkpoint.exists():
        run.load()
    elif world.leads:
        run.begin_anew()
    try:
        return run.go_on(watcher, stop_after or config.epochs)
    finally:
        run.log.close()


class _Run:
    """State of one training."""

    def __init__(
        self,
        data: TrainingData,
        model_config: ModelConfig,
        config: TrainingConfig,
        folder: Path,
        world: World,
        start: Mapping[str, Tensor] | None,
    ) -> None:
        torch.manual_seed(config.seed)
        self.data, self.model_config, self.config, self.world = data, model_config, config, world
        self.checkpoint, self.best = folder / "checkpoint.safetensors", folder / "best.safetensors"
        self.log = MetricsLog(folder)
        self.model = MultiViewModel(model_config)
        if start is not None:
            self._begin_with(start)
        self.model.to(device=world.device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.shared = shared(self.model, world)
        self.average = AveragedWeights(self.model, config.averaging)
        self.optimizer = self._optimizer()
        self.scaler = torch.GradScaler(world.device.type, enabled=config.precision == "fp16")
        self.valid_rows = [row for row, label in enumerate(data.valid_labels) if label >= 0]
        self.priors = Priors(data.profiles)
        self.batches = TrainingBatches(
            data.train,
            data.train_labels,
            data.spec,
            model_config.input_size,
            self.priors,
            config.seed,
            config.sampling,
            config.augmentation,
            world.device,
            Coding.of(model_config),
        )
        self._check_parts()
        self.per_epoch = self.batches.per_epoch
        self.total = self.per_epoch * config.epochs
        self.step = 0
        self.best_loss = float("inf")
        self.without_gain = 0
        self.identity = json.dumps(
            [
                asdict(model_config),
                asdict(config),
                data.train.manifest.hash,
                data.valid.manifest.hash,
                list(data.train_labels),
                digest(start),
            ],
            sort_keys=True,
        )

    def _check_parts(self) -> None:
        """Every process must have the same number of captures in every batch, or means of means would be none."""
        sampling, processes = self.config.sampling, self.world.size
        captures = min(sampling.batch, len(self.batches.rows))
        if processes > 1 and captures % (sampling.chunk * processes):
            raise ModelError(
                f"Batches of {captures} captures cannot be shared out among {processes} processes.",
                todo=f"Give a batch that is a multiple of {sampling.chunk * processes}.",
            )

    def _begin_with(self, start: Mapping[str, Tensor]) -> None:
        try:
            self.model.load_state_dict({**self.model.state_dict(), **start})
        except RuntimeError as error:
            reason = str(error).partition("\n")[0]
            raise ModelError(
                f"The weights to begin with are of another model: {reason}", todo="Give the same encoders and classes."
            ) from error

    def _optimizer(self) -> torch.optim.Optimizer:
        config = self.config
        parameters = list(self.model.parameters())
        # Biases, gains and tokens are left out of the weight decay.
        groups: list[dict[str, Any]] = [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": config.weight_decay},
            {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
        ]
        kind = torch.optim.AdamW if config.optimizer == "adamw" else torch.optim.Adam
        return kind(groups, lr=config.peak_rate, betas=(0.9, 0.99), foreach=True)

    def go_on(self, watcher: Watcher, epochs: int) -> dict[str, Tensor]:
        end = min(self.total, epochs * self.per_epoch)
        patience = self.config.patience
        while self.step < end and not (patience and self.without_gain >= patience):
            begun = time.perf_counter()
            loss, views = self._learn()
            self.step += 1
            self.average.update(self.model, self.step)
            if self.world.leads:
                watcher.stepped(self.step, self.total, loss, views / (time.perf_counter() - begun))
            if self.step % (self.per_epoch * self.config.validate_every) == 0 or self.step == end:
                self._validate_and_save(watcher, loss)
            elif self.step % self.config.checkpoint_every == 0 and self.world.leads:
                self.save()
        self.world.agreed(True)  # the others read the best weights when they are written
        return unpack("model", load_checkpoint(self.best).tensors)

    def _validate_and_save(self, watcher: Watcher, loss: float) -> None:
        own = {name: tensor.clone() for name, tensor in self.model.state_dict().items()}
        self.model.load_state_dict(self.average.tensors)
        count_statistics(self.model, self._plainly())
        gained = self.best_loss
        if self.world.leads:
            watcher.validated(self._validate(loss))
        self.model.load_state_dict(own)
        if self.world.leads:
            self.without_gain = 0 if self.best_loss < gained else self.without_gain + 1
            self.save()
        better = self.world.agreed(self.without_gain == 0)
        if not self.world.leads:
            self.without_gain = 0 if better else self.without_gain + 1

    def _learn(self) -> tuple[float, int]:
        """Do one step; return its loss and the number of views that this process saw."""
        config, world = self.config, self.world
        # Dropout of this step; every process has its own captures and so its own dropout.
        torch.manual_seed((config.seed * 1_000_003 + self.step) * 64 + world.rank)
        batch = self.batches.batch(self.step, Part(world.rank, world.size))
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(config.schedule, self.step, self.total, config.peak_rate)
        self.shared.train()
        loss = self._loss(batch)
        self.optimizer.zero_grad(set_to_none=True)
        self.scaler.scale(loss).backward()
        self.scaler.unscale_(self.optimizer)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), config.clip)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        value = world.mean(float(loss.detach()))
        if not value < float("inf"):
            raise ModelError(
                f"The loss became {value} at step {self.step}.",
                todo="Train with a lower peak rate or in full precision.",
            )
        return value, batch.data.view_mask.numel()

    def _autocast(self) -> torch.autocast:
        kind = torch.float16 if self.config.precision == "fp16" else torch.bfloat16
        return torch.autocast(self.world.device.type, kind, enabled=self.config.precision != "fp32")

    def _loss(self, batch: LabelledBatch) -> Tensor:
        with self._autocast():
            output = cast(ModelOutput, self.shared(batch.data, True))
        config, prior = self.config, batch.prior
        heads: list[tuple[Tensor, Tensor]] = []
        if config.auxiliary:
            heads.append((output.view_logits + prior[:, None], batch.data.view_mask))
            if output.depth_logits is not None:
                heads.append((output.depth_logits + prior[:, None], batch.live_depth))
            if output.color_logits is not None:
                heads.append((output.color_logits + prior[:, None], batch.data.view_mask))
        loss = mh_loss(output.logits, heads, batch.target)
        scale = self.model.cosine_scale
        visual = margin_loss(output.visual_logits + prior, scale, batch.target, config.margin)
        loss = loss + config.visual_weight * visual + self._described(output, batch)
        if not config.auxiliary:
            # A head that is not learned from must still be in the graph: all processes wait for its gradient.
            unused = (output.view_logits, output.depth_logits, output.color_logits)
            loss = loss + 0.0 * sum(logits.sum() for logits in unused if logits is not None)
        return (loss * batch.share).mean()

    def _described(self, output: ModelOutput, batch: LabelledBatch) -> Tensor:
        """Return the losses (B,) of super-class and tags; a painted-out capture says nothing of them."""
        total = torch.zeros_like(batch.share)
        certain, classes = batch.target.max(dim=1)
        told = (certain > 0.5).float()
        if output.super_logits is not None:
            families = torch.tensor(self.data.super_classes, device=classes.device)[classes]
            losses = torch.nn.functional.cross_entropy(output.super_logits, families.clamp(min=0), reduction="none")
            total = total + self.config.super_weight * losses * told * (families >= 0)
        if output.tag_logits is not None:
            tags = torch.tensor(self.data.tags, dtype=torch.float32, device=classes.device)[classes]
            losses = torch.nn.functional.binary_cross_entropy_with_logits(output.tag_logits, tags, reduction="none")
            total = total + self.config.tag_weight * losses.mean(dim=1) * told
        return total

    def _plainly(self) -> Iterator[ModelInput]:
        """Yield training captures as inference sees them, as many in every process, to count statistics on."""
        chosen = np.random.default_rng([self.config.seed, 4]).permutation(self.batches.rows)[:_COUNTED]
        most = len(chosen) // self.world.size or 1
        own = [int(row) for row in np.resize(chosen[self.world.rank :: self.world.size], most)]
        middle, coding = (self.data.spec, self.model_config.input_size), Coding.of(self.model_config)
        for _, data in plain_batches(self.data.train, own, 24, _COUNTED_VIEWS, middle=middle, coding=coding):
            yield moved(data, self.world.device)

    @torch.no_grad()
    def _validate(self, training_loss: float) -> dict[str, float]:
        """Measure the averaged weights, which the model holds; keep them when they are the best so far."""
        sums = torch.zeros(6)
        views, coding = self.config.validation_views, Coding.of(self.model_config)
        for rows, data in plain_batches(self.data.valid, self.valid_rows, 24, views, coding=coding):
            labels = torch.tensor([self.data.valid_labels[row] for row in rows])
            with self._autocast():
                output = self.model(moved(data, self.world.device))
            logits, visual, views = output.logits.cpu(), output.visual_logits.cpu(), output.view_logits.cpu()
            prior = torch.from_numpy(self.priors.log_prior(data.weight_kg.numpy(), data.size_m.numpy()))
            target = torch.nn.functional.one_hot(labels, self.model_config.classes).float()
            sums += torch.stack(
                [
                    cross_entropy(logits, target).sum(),
                    cross_entropy(visual, target).sum(),
                    (logits.argmax(1) == labels).sum(),
                    (visual.argmax(1) == labels).sum(),
                    ((logits + visual + prior).argmax(1) == labels).sum(),
                    (views.argmax(2) == labels[:, None]).float().mean(1).sum(),
                ]
            )
        loss, visual_loss, top1, visual_top1, product_top1, view_top1 = (sums / max(1, len(self.valid_rows))).tolist()
        metrics = {
            "step": float(self.step),
            "epoch": self.step / self.per_epoch,
            "training_loss": training_loss,
            "loss": loss,
            "visual_loss": visual_loss,
            "top1": top1,
            "visual_top1": visual_top1,
            "product_top1": product_top1,
            "view_top1": view_top1,
        }
        if loss + visual_loss < self.best_loss:
            self.best_loss = loss + visual_loss
            facts = {
                **metrics,
                "config": self.model_config.to_json(),
                "classes": [profile.class_id for profile in self.data.profiles],
            }
            save_checkpoint(self.best, pack("model", self.model.state_dict()), facts)
        self.log.write(metrics)
        return metrics

    def save(self) -> None:
        tensors = {
            **pack("model", self.model.state_dict()),
            **pack("average", self.average.tensors),
            **pack("optimizer", optimizer_tensors(self.model, self.optimizer)),
        }
        facts = {
            "step": self.step,
            "best_loss": self.best_loss,
            "without_gain": self.without_gain,
            "scaler": self.scaler.state_dict(),
            "identity": self.identity,
        }
        save_checkpoint(self.checkpoint, tensors, facts)

    def begin_anew(self) -> None:
        for file in (self.checkpoint, self.best):
            file.unlink(missing_ok=True)
        self.log.begin_anew()

    def load(self) -> None:
        found = load_checkpoint(self.checkpoint)
        try:
            self._restore(found)
        except (KeyError, ValueError, TypeError, RuntimeError) as error:
            reason = str(error).partition("\n")[0]
            raise ModelError(
                f"The checkpoint does not hold a whole training: {reason}.",
                where=str(self.checkpoint),
                todo="Give --fresh to train anew, or restore it.",
            ) from error
        if self.world.leads:
            self.log.go_on_from(self.step)

    def _restore(self, found: Checkpoint) -> None:
        if found.facts["identity"] != self.identity:
            raise ModelError(
                "The checkpoint belongs to a training with another configuration or other captures.",
                where=str(self.checkpoint),
                todo="Give the same options, another --out, or --fresh to begin anew.",
            )
        self.step, self.best_loss = int(found.facts["step"]), float(found.facts["best_loss"])
        self.without_gain = int(found.facts["without_gain"])
        if found.facts["scaler"]:
            self.scaler.load_state_dict(found.facts["scaler"])
        self.model.load_state_dict(unpack("model", found.tensors))
        device = self.world.device
        self.average.tensors = {k: v.to(device) for k, v in unpack("average", found.tensors).items()}
        restore_optimizer(self.model, self.optimizer, unpack("optimizer", found.tensors))

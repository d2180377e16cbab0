"""The training of a model: deterministic by seed and step, resumable after a kill at any instant."""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from recognition.augment import Augmentation
from recognition.batches import (
    LabelledBatch,
    Sampling,
    hardness,
    plain_batches,
    steps_per_epoch,
    training_batch,
)
from recognition.checkpoint import (
    digest,
    load_checkpoint,
    optimizer_tensors,
    pack,
    restore_optimizer,
    save_checkpoint,
    unpack,
)
from recognition.classes import ClassProfile
from recognition.crop_cache import CropCache, CropSpec
from recognition.losses import cross_entropy, margin_loss, mh_loss
from recognition.models.config import ModelConfig
from recognition.models.multiview import ModelInput, MultiViewModel
from recognition.priors import Priors
from recognition.schedule import AveragedWeights, one_cycle
from station.errors import ModelError


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How to train; ``margin`` is a cosine, ``visual_weight`` the share of the picture embedding's loss."""

    epochs: int = 24
    peak_rate: float = 1.5e-3
    weight_decay: float = 0.05
    clip: float = 3.0
    averaging: float = 0.997
    margin: float = 0.10
    visual_weight: float = 1.0
    validate_every: int = 4
    validation_views: int = 5
    checkpoint_every: int = 50
    seed: int = 1
    half_precision: bool = True
    sampling: Sampling = field(default_factory=Sampling)
    augmentation: Augmentation = field(default_factory=Augmentation)


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Crops to learn from and to validate on, the class number of every row of each (-1: not known), the classes."""

    train: CropCache
    train_labels: Sequence[int]
    spec: CropSpec
    valid: CropCache
    valid_labels: Sequence[int]
    profiles: Sequence[ClassProfile]


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
    device: str = "cpu",
    resume: bool = True,
    start: Mapping[str, Tensor] | None = None,
    stop_after: int | None = None,
) -> dict[str, Tensor]:
    """Train and return the averaged weights that validated best, float32 on the CPU.

    ``start`` are weights of the same model to begin with instead of random ones; ``stop_after`` ends the training after
    so many epochs of the schedule.
    ``folder`` takes the checkpoint, the best weights and ``metrics.jsonl``. With ``resume`` an interrupted training of
    the same configuration goes on where its checkpoint stands, to the same result. Raises ModelError when the
    checkpoint there belongs to another configuration.
    """
    folder.mkdir(parents=True, exist_ok=True)
    run = _Run(data, model_config, config, folder, device, start)
    if resume and run.checkpoint.exists():
        run.load()
    elif run.metrics.exists():
        run.metrics.unlink()
    return run.go_on(watcher, stop_after or config.epochs)


class _Run:
    """State of one training."""

    def __init__(
        self,
        data: TrainingData,
        model_config: ModelConfig,
        config: TrainingConfig,
        folder: Path,
        device: str,
        start: Mapping[str, Tensor] | None,
    ) -> None:
        torch.manual_seed(config.seed)
        self.data, self.model_config, self.config, self.device = data, model_config, config, device
        self.checkpoint, self.best = folder / "checkpoint.safetensors", folder / "best.safetensors"
        self.metrics = folder / "metrics.jsonl"
        self.model = MultiViewModel(model_config)
        if start is not None:
            self._begin_with(start)
        self.model.to(device=device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.average = AveragedWeights(self.model, config.averaging)
        self.optimizer = torch.optim.AdamW(
            self._groups(config.weight_decay), lr=config.peak_rate, betas=(0.9, 0.99), foreach=True
        )
        self.rows = [row for row, label in enumerate(data.train_labels) if label >= 0]
        self.valid_rows = [row for row, label in enumerate(data.valid_labels) if label >= 0]
        self.priors = Priors(data.profiles)
        self.hard = hardness(data.train, self.rows, data.train_labels, self.priors)
        self.per_epoch = steps_per_epoch(len(self.rows), config.sampling)
        self.total = self.per_epoch * config.epochs
        self.step = 0
        self.best_loss = float("inf")
        self.identity = json.dumps(
            [asdict(model_config), asdict(config), data.train.manifest.hash, list(data.train_labels), digest(start)],
            sort_keys=True,
        )

    def _begin_with(self, start: Mapping[str, Tensor]) -> None:
        try:
            self.model.load_state_dict(dict(start))
        except RuntimeError as error:
            reason = str(error).partition("\n")[0]
            raise ModelError(
                f"The weights to begin with are of another model: {reason}", todo="Give the same encoders and classes."
            ) from error

    def _groups(self, decay: float) -> list[dict[str, Any]]:
        """Leave biases, gains and tokens out of the weight decay."""
        parameters = list(self.model.parameters())
        return [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": decay},
            {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
        ]

    def go_on(self, watcher: Watcher, epochs: int) -> dict[str, Tensor]:
        end = min(self.total, epochs * self.per_epoch)
        while self.step < end:
            begun = time.perf_counter()
            loss, views = self._learn()
            self.step += 1
            self.average.update(self.model, self.step)
            watcher.stepped(self.step, self.total, loss, views / (time.perf_counter() - begun))
            last = self.step == end
            if self.step % (self.per_epoch * self.config.validate_every) == 0 or last:
                watcher.validated(self._validate(loss))
                self.save()
            elif self.step % self.config.checkpoint_every == 0:
                self.save()
        return unpack("model", load_checkpoint(self.best).tensors)

    def _learn(self) -> tuple[float, int]:
        """Do one step; return its loss and the number of views seen."""
        config = self.config
        torch.manual_seed(config.seed * 1_000_003 + self.step)  # dropout of this step
        batch = training_batch(
            self.data.train,
            self.rows,
            self.data.train_labels,
            self.data.spec,
            self.model_config.input_size,
            self.priors,
            self.hard,
            self.step,
            config.seed,
            config.sampling,
            config.augmentation,
        )
        for group in self.optimizer.param_groups:
            group["lr"] = one_cycle(self.step, self.total, config.peak_rate)
        self.model.train()
        loss = self._loss(_moved(batch, self.device))
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), config.clip)
        self.optimizer.step()
        value = float(loss.detach())
        if not value < float("inf"):
            raise ModelError(
                f"The loss became {value} at step {self.step}.",
                todo="Train with a lower peak rate or in full precision.",
            )
        return value, batch.data.view_mask.numel()

    def _loss(self, batch: LabelledBatch) -> Tensor:
        data, shape = batch.data, self.model_config
        absent = torch.rand(2, len(data.weight_kg), device=self.device)
        hidden = ModelInput(
            data.color,
            data.depth,
            data.view_mask,
            data.weight_kg.masked_fill(absent[0] < shape.weight_dropout, float("nan")),
            data.size_m.masked_fill((absent[1] < shape.size_dropout)[:, None], float("nan")),
            data.slots,
        )
        with torch.autocast(self.device, torch.bfloat16, enabled=self.config.half_precision):
            output = self.model(hidden, stream_heads=True)
        prior = batch.prior
        heads = [(output.view_logits + prior[:, None], data.view_mask)]
        if output.depth_logits is not None:
            heads.append((output.depth_logits + prior[:, None], batch.live_depth))
        if output.color_logits is not None:
            heads.append((output.color_logits + prior[:, None], data.view_mask))
        fused = mh_loss(output.logits, heads, batch.target)
        scale, margin = self.model.cosine_scale, self.config.margin
        visual = margin_loss(output.visual_logits + prior, scale, batch.target, margin)
        return (fused + self.config.visual_weight * visual).mean()

    @torch.no_grad()
    def _validate(self, training_loss: float) -> dict[str, float]:
        """Measure the averaged weights; keep them when they are the best so far."""
        own = {name: tensor.clone() for name, tensor in self.model.state_dict().items()}
        self.model.load_state_dict(self.average.tensors)
        self.model.eval()
        sums = torch.zeros(6)
        for rows, data in plain_batches(self.data.valid, self.valid_rows, 24, self.config.validation_views):
            labels = torch.tensor([self.data.valid_labels[row] for row in rows])
            with torch.autocast(self.device, torch.bfloat16, enabled=self.config.half_precision):
                output = self.model(_to(data, self.device))
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
            save_checkpoint(self.best, pack("model", self.average.tensors), metrics)
        with self.metrics.open("a", encoding="utf-8") as file:
            file.write(json.dumps(metrics) + "\n")
        self.model.load_state_dict(own)
        return metrics

    def save(self) -> None:
        tensors = {
            **pack("model", self.model.state_dict()),
            **pack("average", self.average.tensors),
            **pack("optimizer", optimizer_tensors(self.model, self.optimizer)),
        }
        facts = {"step": self.step, "best_loss": self.best_loss, "identity": self.identity}
        save_checkpoint(self.checkpoint, tensors, facts)

    def load(self) -> None:
        found = load_checkpoint(self.checkpoint)
        if found.facts["identity"] != self.identity:
            raise ModelError(
                "The checkpoint belongs to a training with another configuration or other captures.",
                where=str(self.checkpoint),
                todo="Give the same options, another --out, or --fresh to begin anew.",
            )
        self.step, self.best_loss = int(found.facts["step"]), float(found.facts["best_loss"])
        self.model.load_state_dict(unpack("model", found.tensors))
        self.average.tensors = {k: v.to(self.device) for k, v in unpack("average", found.tensors).items()}
        restore_optimizer(self.model, self.optimizer, unpack("optimizer", found.tensors))
        if self.metrics.exists():
            # lines written after the checkpoint will be written again
            lines = self.metrics.read_text(encoding="utf-8").splitlines()
            kept = [line for line in lines if line.endswith("}") and json.loads(line)["step"] <= self.step]
            self.metrics.write_text("".join(line + "\n" for line in kept), encoding="utf-8")


def _to(data: ModelInput, device: str) -> ModelInput:
    return ModelInput(
        data.color.to(device),
        data.depth.to(device),
        data.view_mask.to(device),
        data.weight_kg.to(device),
        data.size_m.to(device),
        None if data.slots is None else data.slots.to(device),
    )


def _moved(batch: LabelledBatch, device: str) -> LabelledBatch:
    return LabelledBatch(
        _to(batch.data, device), batch.target.to(device), batch.live_depth.to(device), batch.prior.to(device)
    )

"""The network in Keras (TensorFlow), trained by `fit` on arrays in memory."""

import os
import sys
import time

import mnist

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def main():
    parser = mnist.arguments(__doc__)
    parser.add_argument("--jit", choices=["on", "off"], default="off")
    parser.add_argument("--steps-per-execution", type=int, default=1)
    options = parser.parse_args()
    if options.threads == 1 and hasattr(os, "sched_setaffinity"):
        # TensorFlow starts helper threads regardless of its settings; only this limits it to one core.
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(options.threads)
    keras.utils.set_random_seed(options.seed)
    (images, labels), test = mnist.load(options.data_dir)
    activation, layers = options.activation, keras.layers
    model = keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(6, 5, padding="same", activation=activation),
        layers.AveragePooling2D(2),
        layers.Conv2D(16, 5, activation=activation),
        layers.AveragePooling2D(2),
        layers.Flatten(),
        layers.Dense(120, activation=activation),
        layers.Dense(84, activation=activation),
        layers.Dense(10, activation="softmax"),
    ])
    assert model.count_params() == 61_706
    model.compile(
        keras.optimizers.Adam(0.001),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=options.jit == "on",
        steps_per_execution=options.steps_per_execution,
    )

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.start = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            seconds = time.perf_counter() - self.start
            _, accuracy = model.evaluate(test[0][..., None], test[1], batch_size=500, verbose=0)
            mnist.report(epoch + 1, seconds, accuracy)

    model.fit(
        images[..., None],
        labels,
        batch_size=options.batch_size,
        epochs=options.epochs,
        shuffle=True,
        verbose=0,
        callbacks=[Clock()],
    )


if __name__ == "__main__":
    sys.exit(main())

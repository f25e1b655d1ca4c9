"""Reading recordings: every encoding that telephones use, and every way a file can be broken."""

import io
import struct
import wave
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.errors import AudioError
from voicebot.transcribe import audio

RATE = 8_000
SECONDS = 2.0


def tone(frequency: float, rate: int = RATE, seconds: float = SECONDS) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * frequency * np.arange(int(rate * seconds)) / rate)


def encode(path: Path, samples: np.ndarray, codec: str, rate: int = RATE) -> Path:
    """Write (channels, samples) with FFmpeg's encoder `codec` in the container of the path's suffix."""
    with av.open(str(path), "w") as container:
        layout = "stereo" if len(samples) == 2 else "mono"
        stream = container.add_stream(codec, rate=rate, layout=layout)
        pcm = (samples.T.reshape(1, -1) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm), format="s16", layout=layout)
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return path


def wav_bytes(samples: np.ndarray, rate: int = RATE) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(len(samples))
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes((samples.T * 32767).astype("<i2").tobytes())
    return file.getvalue()


def pitch(samples: np.ndarray) -> float:
    """The strongest frequency in Hz of (samples,) at the reader's rate."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(spectrum.argmax() * audio.SAMPLE_RATE / len(samples))


@pytest.mark.parametrize(
    "codec", ["pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_mulaw", "pcm_alaw"]
)
def test_every_wav_encoding_keeps_both_channels_apart_at_their_pitch_and_level(tmp_path: Path, codec: str) -> None:
    path = encode(tmp_path / "call.wav", np.stack([tone(440), tone(1000)]), codec)
    heard = audio.read(path)
    assert heard.channels == 2
    assert heard.seconds == pytest.approx(SECONDS, abs=0.01)
    assert heard.samples.dtype == np.float32
    assert [pitch(channel) for channel in heard.samples] == pytest.approx([440, 1000], abs=2)
    assert np.sqrt(np.mean(heard.samples**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.03)


@pytest.mark.parametrize(("suffix", "codec", "rate"), [("mp3", "libmp3lame", 16_000), ("ogg", "libopus", 48_000)])
def test_compressed_recordings_are_read_at_their_pitch(tmp_path: Path, suffix: str, codec: str, rate: int) -> None:
    heard = audio.read(encode(tmp_path / f"call.{suffix}", tone(700, rate)[None], codec, rate))
    assert heard.channels == 1
    assert heard.seconds == pytest.approx(SECONDS, abs=0.15)
    assert pitch(heard.samples[0]) == pytest.approx(700, abs=3)


def test_a_gsm_voicemail_is_read() -> None:
    # Microsoft's GSM 06.10 packs 40 ms into 65 bytes; zeros are a valid, nearly silent block.
    file = io.BytesIO(_wav(format_tag=49, block=65, rate=RATE, data=bytes(65) * 25))
    assert audio.read(file).seconds == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 48_000])
def test_every_sampling_rate_becomes_16_khz_without_losing_time(rate: int) -> None:
    heard = audio.read(io.BytesIO(wav_bytes(tone(600, rate)[None], rate)))
    assert heard.seconds == pytest.approx(SECONDS, abs=0.01)
    assert pitch(heard.samples[0]) == pytest.approx(600, abs=2)


def test_a_binary_file_is_read_like_a_path(tmp_path: Path) -> None:
    content = wav_bytes(tone(440)[None])
    path = tmp_path / "call.wav"
    path.write_bytes(content)
    assert np.array_equal(audio.read(path).samples, audio.read(io.BytesIO(content)).samples)


def test_a_wav_streamed_with_an_unknown_length_is_read_whole() -> None:
    content = bytearray(wav_bytes(tone(440)[None]))
    content[4:8] = content[40:44] = struct.pack("<I", 0xFFFFFFFF)
    assert audio.read(io.BytesIO(bytes(content))).seconds == pytest.approx(SECONDS, abs=0.01)


def test_floats_out_of_range_are_clipped_and_not_a_number_is_silence() -> None:
    values = np.tile(np.array([np.nan, np.inf, -np.inf, 9.0], "<f4"), 4000)
    heard = audio.read(io.BytesIO(_wav(format_tag=3, block=4, rate=RATE, data=values.tobytes(), bits=32)))
    assert np.isfinite(heard.samples).all()
    assert np.abs(heard.samples).max() <= 1.0


def _wav(*, format_tag: int, block: int, rate: int, data: bytes, bits: int = 0) -> bytes:
    extra = struct.pack("<HH", 2, 320) if format_tag == 49 else b""
    per_second = rate * block if format_tag != 49 else 1625
    fmt = struct.pack("<HHIIHH", format_tag, 1, rate, per_second, block, bits) + extra
    chunks = b"fmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


GOOD = wav_bytes(np.stack([tone(440), tone(880)]))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"RIFF", "not a recording"),
        (GOOD[:30], "cut off"),
        (GOOD[: len(GOOD) // 2], "cut off: its header promises 2.0 s of audio and 1.0 s are missing"),
        (GOOD[:44], "cut off"),
        (wav_bytes(np.zeros((1, 0))), "holds no audio"),
        (b"<html>404 Not Found</html>" * 50, "not a recording"),
        (bytes(10_000), "not a recording"),
        (np.random.default_rng(0).bytes(10_000), "not a recording"),
        (wav_bytes(np.zeros((6, 800))), "6 channels"),
    ],
    ids=["empty", "4 bytes", "half header", "half audio", "header", "no frames", "web page", "zeros", "random", "6 ch"],
)
def test_a_broken_recording_says_what_is_wrong_with_it(content: bytes, message: str) -> None:
    with pytest.raises(AudioError, match=message):
        audio.read(io.BytesIO(content))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"gone\.wav cannot be read: No such file"):
        audio.read(tmp_path / "gone.wav")


def test_a_picture_has_no_audio(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    with av.open(str(path), "w", format="image2") as container:
        stream = container.add_stream("png", rate=1, width=16, height=16, pix_fmt="rgb24")
        frame = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    with pytest.raises(AudioError, match="no audio track"):
        audio.read(path)


def test_a_damaged_middle_costs_only_the_damaged_part(tmp_path: Path) -> None:
    path = encode(tmp_path / "call.mp3", tone(700, 16_000, 10.0)[None], "libmp3lame", 16_000)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 500] = np.random.default_rng(0).bytes(500)
    path.write_bytes(content)
    heard = audio.read(path)
    assert heard.seconds > 8.0
    assert pitch(heard.samples[0][:16_000]) == pytest.approx(700, abs=3)


@pytest.mark.parametrize("keep", range(1, 60, 7))
def test_no_cut_of_a_compressed_file_crashes_the_reader(tmp_path: Path, keep: int) -> None:
    path = encode(tmp_path / "call.ogg", tone(700, 48_000)[None], "libopus", 48_000)
    content = path.read_bytes()
    cut = io.BytesIO(content[: len(content) * keep // 60])
    try:
        seconds = audio.read(cut).seconds
    except AudioError as error:
        assert str(error)
    else:
        assert 0 < seconds <= SECONDS + 0.1


@given(st.integers(0, 60), st.binary(min_size=1, max_size=4))
def test_no_damage_to_a_header_crashes_the_reader(at: int, damage: bytes) -> None:
    content = bytearray(GOOD)
    content[at : at + len(damage)] = damage
    try:
        heard = audio.read(io.BytesIO(bytes(content)))
    except AudioError as error:
        assert str(error)
    else:
        assert heard.channels in (1, 2)
        assert np.isfinite(heard.samples).all()

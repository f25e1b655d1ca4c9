"""Tokens and their frames as words with times."""

from voicebot.transcribe.aligned import Spelling, words


def test_a_word_lasts_from_its_first_token_to_the_next_words() -> None:
    path = [(0, 0), (0, 1), (1, 2), (1, 5), (2, 6), (2, 9), (3, 12)]
    heard = words([Spelling(" Hello", 2), Spelling(" you", 1)], path, [0.5, 1.0, 0.25], seconds=10.0)
    assert [(word.text, word.start, word.end, word.probability) for word in heard] == [
        (" Hello", 0.0, 0.12, 0.75),
        (" you", 0.12, 0.24, 0.25),
    ]


def test_marks_join_the_word_that_they_belong_to() -> None:
    spelt = [Spelling(text, 1) for text in (" Yes", ",", ' "', "Bob", '."', "!")]
    path = [(token, 10 * token) for token in range(7)]
    heard = words(spelt, path, [0.9] * 6, seconds=10.0)
    assert [word.text for word in heard] == [" Yes,", ' "Bob."!']
    assert (heard[1].start, heard[1].end) == (0.6, 0.8)


def test_no_word_reaches_past_the_end_of_its_window() -> None:
    (only,) = words([Spelling(" Bye", 1)], [(0, 10), (1, 100)], [0.5], seconds=1.0)
    assert (only.start, only.end) == (0.2, 1.0)


def test_a_path_that_misses_the_end_still_gives_every_word_a_time() -> None:
    heard = words([Spelling(" a", 1), Spelling(" b", 1)], [(0, 5), (1, 7)], [0.5, 0.5], seconds=1.0)
    assert [(word.start, word.end) for word in heard] == [(0.1, 0.14), (0.14, 0.14)]

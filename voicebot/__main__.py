"""`python -m voicebot`: how the supervisor starts its own processes, wherever the script is installed."""

from voicebot.cli import main

main()

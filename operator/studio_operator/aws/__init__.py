"""Amazon SageMaker as the engine sees it: calls, their errors and rates, and what AWS shows.

Everything runs in one asyncio loop; only boto3's blocking calls run in threads.
"""

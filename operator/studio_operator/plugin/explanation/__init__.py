"""Why a resource stands as it does, and what comes next."""
